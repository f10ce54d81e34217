import { assertEquals } from "@std/assert";
import { Roster } from "../../../src/server/roster.ts";

Deno.test("Roster has those who are there in the order in which they came, whoever leaves", () => {
  const roster = new Roster<{ readonly name: string }>();
  const names = () => roster.all.map(({ name }) => name).join("");
  const places = Array.from("abcd", (name) => roster.add({ name }));
  assertEquals([names(), roster.size], ["abcd", 4]);
  places[1]?.leave();
  assertEquals([names(), roster.size], ["acd", 3]);
  places[0]?.leave();
  places[3]?.leave();
  roster.add({ name: "e" });
  assertEquals([names(), roster.size], ["ce", 2]);
  places[2]?.leave();
  assertEquals(names(), "e");
});

Deno.test("Roster.all stays as it is while others come and go", () => {
  const roster = new Roster<{ readonly name: string }>();
  const place = roster.add({ name: "a" });
  const { all } = roster;
  place.leave();
  roster.add({ name: "b" });
  assertEquals(all.map(({ name }) => name), ["a"]);
});
