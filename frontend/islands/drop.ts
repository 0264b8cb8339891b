/** File drop zone with progress. Without scripts it is a file input in a form. */
import { each, island, make } from "../lib/dom";
import { csrfToken, reasonOf } from "../lib/http";
import { accepted } from "../lib/files";
import { formatBytes } from "../lib/format";
import { language, t } from "../lib/texts";

function start(zone: HTMLElement): void {
  const input = zone.querySelector<HTMLInputElement>("input[type=file]");
  const list = zone.querySelector<HTMLElement>("[data-drop-files]");
  const form = zone.closest("form");
  if (!input || !list) return;
  const most = Number(zone.dataset.max ?? 0);

  const show = (): boolean => {
    list.replaceChildren();
    let good = true;
    for (const file of input.files ?? []) {
      let problem = "";
      if (!accepted(file.name, input.accept)) problem = t("wrong_type");
      else if (most && file.size > most) problem = t("too_big", { size: formatBytes(most, language()) });
      if (problem) good = false;
      list.append(
        make(
          "div",
          {},
          make("span", { class: "el", text: file.name }),
          make("span", { class: "bar" }, make("i")),
          make("span", { class: problem ? "press sm" : "mut sm", text: problem || formatBytes(file.size, language()) }),
        ),
      );
    }
    return good;
  };

  input.addEventListener("change", show);
  for (const kind of ["dragenter", "dragover"]) {
    zone.addEventListener(kind, (event) => {
      event.preventDefault();
      zone.classList.add("over");
    });
  }
  for (const kind of ["dragleave", "drop"]) zone.addEventListener(kind, () => zone.classList.remove("over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    const files = (event as DragEvent).dataTransfer?.files;
    if (!files?.length) return;
    const kept = new DataTransfer();
    for (const file of input.multiple ? files : [files[0] as File]) kept.items.add(file);
    input.files = kept.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
  form?.addEventListener("submit", (event) => {
    if (event.defaultPrevented || !input.files?.length) return;
    event.preventDefault();
    if (show()) upload(form, list);
  });
}

/** Send by XMLHttpRequest because only it reports upload progress; then follow the server's answer like a plain form. */
function upload(form: HTMLFormElement, list: HTMLElement): void {
  const request = new XMLHttpRequest();
  const fail = (status: number): void => {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
    list.append(make("p", { class: "press sm", text: reasonOf(status), attributes: { role: "alert" } }));
  };
  request.open("POST", form.action || location.href);
  request.setRequestHeader("X-CSRFToken", csrfToken());
  request.upload.addEventListener("progress", (event) => {
    if (!event.lengthComputable) return;
    for (const bar of list.querySelectorAll<HTMLElement>(".bar i")) bar.style.width = `${(event.loaded / event.total) * 100}%`;
  });
  request.addEventListener("load", () => {
    const moved = request.responseURL && new URL(request.responseURL).pathname !== new URL(form.action || location.href, location.href).pathname;
    if (request.status < 400 && moved) location.assign(request.responseURL);
    else if (request.status < 500 && (request.getResponseHeader("Content-Type") ?? "").includes("html")) replacePage(request.responseText);
    else fail(request.status);
  });
  request.addEventListener("error", () => fail(0));
  request.send(new FormData(form));
}

/** The server answered with the page and its messages (422 and the like): show its main part in place. */
function replacePage(html: string): void {
  const next = new DOMParser().parseFromString(html, "text/html").querySelector("main");
  const here = document.querySelector("main");
  if (!next || !here) return location.reload();
  here.replaceWith(next);
  document.dispatchEvent(new CustomEvent("stellwerk:replaced", { detail: next }));
  next.focus();
}

island((root) => each<HTMLElement>(root, "[data-drop]", "drop", start));
