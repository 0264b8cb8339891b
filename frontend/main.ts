/** Entry of the front end: styles, htmx, islands. Pages work without it; it adds speed and comfort. */
import "./styles/index.css";
import htmx from "htmx.org";
import { startAll } from "./lib/dom";
import { reasonOf } from "./lib/http";
import "./islands/preferences";
import "./islands/dialogs";
import "./islands/forms";
import "./islands/geometry";
import "./islands/tables";
import "./islands/lists";
import "./islands/select";
import "./islands/mentions";
import "./islands/drop";
import "./islands/jobs";
import "./islands/palette";
import "./islands/charts";
import "./islands/plan";
import "./islands/capacity";
import "./islands/timesheet";
import "./islands/sheet";
import "./islands/estimates";
import "./islands/budget";
import { restore } from "./islands/place";
import { toast } from "./islands/toasts";

htmx.config.allowEval = false;
htmx.config.includeIndicatorStyles = false;
htmx.config.selfRequestsOnly = true;

startAll(document);
restore();
document.body.addEventListener("htmx:load", (event) => {
  const element = (event as CustomEvent<{ elt: Element }>).detail.elt;
  if (element !== document.body) startAll(element);
});
document.addEventListener("stellwerk:replaced", (event) => {
  const element = (event as CustomEvent<Element>).detail;
  htmx.process(element);
  startAll(element);
});
document.body.addEventListener("htmx:responseError", (event) => {
  const request = (event as CustomEvent<{ xhr: XMLHttpRequest }>).detail.xhr;
  toast({ text: reasonOf(request.status), error: true });
});
document.body.addEventListener("htmx:sendError", () => toast({ text: reasonOf(0), error: true }));
