/** The heat map loads its part of the front end only where it is. */
import { each, island } from "../lib/dom";

island((root) => {
  each<HTMLElement>(root, "[data-capacity]", "capacity", (element) => {
    if (!element.querySelector("[data-cap=scroll]")) return;
    void import("../capacity/map").then(({ CapacityMap }) => new CapacityMap(element));
  });
});
