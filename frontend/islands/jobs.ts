/** Progress of a background job: polls gently, survives a reload because the page holds the address. */
import { each, island } from "../lib/dom";
import { getJson, post, Refused } from "../lib/http";
import { formatNumber } from "../lib/format";
import { FINAL, type JobState, pause, share } from "../lib/progress";
import { language, t } from "../lib/texts";

function watch(box: HTMLElement): void {
  const find = <E extends HTMLElement>(name: string): E | null => box.querySelector<E>(`[data-job-${name}]`);
  let looks = 0;
  const show = (job: JobState): void => {
    const percent = share(job);
    const bar = find("bar");
    if (bar) bar.style.width = `${percent}%`;
    box.setAttribute("aria-valuenow", percent.toFixed(0));
    box.classList.toggle("failed", job.state === "failed");
    const message = find("message");
    const standard = { waiting: t("job_waiting"), running: t("job_running"), done: t("job_done"), failed: t("job_failed"), cancelled: t("job_failed") };
    if (message) message.textContent = job.message || standard[job.state];
    const count = find("count");
    if (count) count.textContent = job.total ? `${formatNumber(job.done, language(), 0)} / ${formatNumber(job.total, language(), 0)}` : "";
    if (!FINAL.has(job.state)) return;
    if (box.dataset.jobReload !== undefined) return location.reload();
    find("cancel")?.remove();
    const link = find<HTMLAnchorElement>("result");
    if (link && job.result_url) {
      link.href = job.result_url;
      link.hidden = false;
      if (job.state === "done" && box.dataset.jobFollow !== undefined) location.assign(job.result_url);
    }
    box.dispatchEvent(new CustomEvent("stellwerk:job", { bubbles: true, detail: job }));
  };
  const look = async (): Promise<void> => {
    if (!box.isConnected) return;
    let wait = pause(looks++);
    try {
      const job = await getJson<JobState>(box.dataset.job ?? "");
      show(job);
      if (FINAL.has(job.state)) return;
    } catch (error) {
      // Short outages are waited for; a refusal ends the watch with its reason.
      const message = find("message");
      if (message && error instanceof Error) message.textContent = error.message;
      if (error instanceof Refused && error.status >= 400 && error.status < 500) return;
      wait = 5000;
    }
    setTimeout(() => void look(), document.hidden ? wait * 4 : wait);
  };
  find<HTMLFormElement>("cancel")?.addEventListener("submit", (event) => {
    event.preventDefault();
    looks = 0;
    void post((event.target as HTMLFormElement).action, {}).catch(() => undefined);
  });
  void look();
}

island((root) => each<HTMLElement>(root, "[data-job]", "job", watch));
