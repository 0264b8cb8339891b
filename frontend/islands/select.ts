/** Searchable selects (tom-select, loaded when a page has one). */
import { each, island } from "../lib/dom";
import { getJson } from "../lib/http";
import { t } from "../lib/texts";

interface Option {
  value: string;
  label: string;
  hint?: string;
}

async function enhance(select: HTMLSelectElement): Promise<void> {
  const { default: TomSelect } = await import("tom-select/base");
  const { default: removeButton } = await import("tom-select/plugins/remove_button/plugin.js");
  TomSelect.define("remove_button", removeButton);
  const url = select.dataset.selectUrl;
  const focused = document.activeElement === select;
  const control = new TomSelect(select, {
    valueField: "value",
    labelField: "label",
    searchField: ["label", "hint"],
    maxOptions: 200,
    create: false,
    hidePlaceholder: false,
    plugins: select.multiple ? { remove_button: { title: t("remove") } } : {},
    loadThrottle: 200,
    // Without delay: a delayed search opens the list again, and takes the focus back, when the reader has long tabbed on.
    refreshThrottle: 0,
    ...(url
      ? {
          load: (query: string, done: (options: Option[]) => void) => {
            getJson<{ results: Option[] }>(`${url}${encodeURIComponent(query)}`).then(
              (answer) => done(answer.results),
              () => done([]),
            );
          },
          shouldLoad: (query: string) => query.length > 0,
        }
      : {}),
    render: {
      option: (data: Option & { text?: string }, escape: (text: string) => string) =>
        `<div><span>${escape(data.label ?? data.text ?? "")}</span>${data.hint ? ` <span class="mut sm">${escape(data.hint)}</span>` : ""}</div>`,
      item: (data: Option & { text?: string }, escape: (text: string) => string) => `<div>${escape(data.label ?? data.text ?? "")}</div>`,
      no_results: () => `<div class="no-results">${t("none_found")}</div>`,
      loading: () => `<div class="loading">${t("loading")}</div>`,
    },
  });
  select.setAttribute("aria-hidden", "true");
  // The label of the select names the search input too.
  const label = select.labels?.[0] ?? document.querySelector<HTMLLabelElement>(`label[for="${select.id}"], label[for="${select.id}-ts-control"]`);
  if (label?.textContent) {
    control.control_input.setAttribute("aria-label", label.childNodes[0]?.textContent?.trim() ?? label.textContent);
    control.dropdown_content.setAttribute("aria-label", label.childNodes[0]?.textContent?.trim() ?? label.textContent);
  }
  // Whoever was in the plain select meanwhile must not fall out of the form.
  if (focused) control.control_input.focus();
  if (select.getAttribute("aria-invalid") === "true") control.control_input.setAttribute("aria-invalid", "true");
}

island((root) => each<HTMLSelectElement>(root, "select[data-select]", "select", (select) => void enhance(select)));
