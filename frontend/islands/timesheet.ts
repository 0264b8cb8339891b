/** The week as a spreadsheet: arrows and Enter move between cells, sums follow, Ctrl S saves. Without it the form works as well. */
import { each, island } from "../lib/dom";
import { minutesText, nextCell, parseMinutes } from "../lib/hours";

function start(form: HTMLFormElement): void {
  const language = document.documentElement.lang.slice(0, 2);
  const lines = (): HTMLInputElement[][] =>
    [...form.querySelectorAll<HTMLTableRowElement>("#ts-grid tbody tr")]
      .map((row) => [...row.querySelectorAll<HTMLInputElement>("input.hours")])
      .filter((cells) => cells.length > 0);

  const sums = (): void => {
    const days = [0, 0, 0, 0, 0, 0, 0];
    for (const cells of lines()) {
      let total = 0;
      cells.forEach((cell, at) => {
        const minutes = parseMinutes(cell.value);
        if (minutes === null) return;
        total += minutes;
        days[at] = (days[at] ?? 0) + minutes;
      });
      const sum = cells[0]?.closest("tr")?.querySelector("[data-row-total]");
      if (sum) sum.textContent = minutesText(total, language) || "0";
    }
    for (const place of form.querySelectorAll<HTMLElement>("[data-day-total]")) {
      place.textContent = minutesText(days[Number(place.dataset["dayTotal"])] ?? 0, language) || "0";
    }
    const all = form.querySelector("[data-total]");
    if (all) all.textContent = `${minutesText(days.reduce((sum, minutes) => sum + minutes, 0), language) || "0"}\u00a0h`;
  };

  form.addEventListener("input", (event) => {
    if (!(event.target instanceof HTMLInputElement) || !event.target.matches("input.hours")) return;
    if (parseMinutes(event.target.value) !== null) event.target.removeAttribute("aria-invalid");
    sums();
  });
  form.addEventListener("focusout", (event) => {
    const cell = event.target;
    if (!(cell instanceof HTMLInputElement) || !cell.matches("input.hours")) return;
    const minutes = parseMinutes(cell.value);
    if (minutes === null) cell.setAttribute("aria-invalid", "true");
    else if (cell.value.trim()) cell.value = minutesText(minutes, language);
  });
  form.addEventListener("focusin", (event) => {
    if (event.target instanceof HTMLInputElement && event.target.matches("input.hours")) event.target.select();
  });
  form.addEventListener("keydown", (event) => {
    const cell = event.target;
    if (event.key.toLowerCase() === "s" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit(form.querySelector<HTMLButtonElement>("button[name='then'][value='save']"));
      return;
    }
    if (!(cell instanceof HTMLInputElement)) return;
    if (cell.matches("input.comment") && event.key === "Enter") {
      event.preventDefault();
      cell.closest("td")?.querySelector<HTMLInputElement>("input.hours")?.focus();
      return;
    }
    if (!cell.matches("input.hours") || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "F2" && event.shiftKey) {
      event.preventDefault();
      const box = form.querySelector<HTMLInputElement>("#ts-comments");
      if (box) box.checked = true;
      cell.closest("td")?.querySelector<HTMLInputElement>("input.comment")?.focus();
      return;
    }
    const whole = cell.selectionStart === 0 && cell.selectionEnd === cell.value.length;
    if (event.key === "ArrowLeft" && !whole && cell.selectionStart !== 0) return;
    if (event.key === "ArrowRight" && !whole && cell.selectionEnd !== cell.value.length) return;
    const grid = lines();
    const row = grid.findIndex((cells) => cells.includes(cell));
    const target = nextCell(event.key, event.shiftKey, row, grid[row]?.indexOf(cell) ?? 0, grid.length, 7);
    if (event.key === "Enter") event.preventDefault(); // Enter moves; the buttons and Ctrl S save
    if (!target) return;
    event.preventDefault();
    grid[target[0]]?.[target[1]]?.focus();
  });
}

island((root) => each<HTMLFormElement>(root, "form[data-timesheet]", "timesheet", start));
