/** What is printed while something runs, line by line. */
export async function captured<T>(
  run: () => Promise<T>,
): Promise<{ readonly result: T; readonly lines: readonly string[] }> {
  const { log } = console;
  const lines: string[] = [];
  console.log = (line = "") => void lines.push(...String(line).split("\n"));
  try {
    return { result: await run(), lines };
  } finally {
    console.log = log;
  }
}
