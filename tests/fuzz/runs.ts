/** Inputs drawn by each fuzz test: enough for a find in review, few enough for every run of the suite. */
export const RUNS = 200;
