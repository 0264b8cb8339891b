/** The plan page loads its part of the front end only where it is. */
import { each, island } from "../lib/dom";

island((root) => {
  each<HTMLElement>(root, "[data-plan]", "plan", (element) => {
    void import("../plan/page").then(({ Page }) => new Page(element));
  });
});
