/** Geometry from data attributes through CSSOM: the content security policy forbids style attributes. */
import { all, island } from "../lib/dom";

island((root) => {
  for (const element of all<HTMLElement>(root, "[data-w]")) element.style.width = `${Number(element.dataset.w)}%`;
  for (const element of all<HTMLElement>(root, "[data-left]")) element.style.left = `${Number(element.dataset.left)}%`;
  for (const element of all<HTMLElement>(root, "[data-flex]")) element.style.flex = String(Number(element.dataset.flex));
});
