/** The sentence above the plan is the server's: after a change it is asked for again, once it is quiet. */

const QUIET = 1200;
const PARTS = [".answer h1", ".answer .sub"];

let waiting: ReturnType<typeof setTimeout> | undefined;

export function answerSoon(): void {
  clearTimeout(waiting);
  waiting = setTimeout(() => void answer().catch(() => undefined), QUIET);
}

async function answer(): Promise<void> {
  const response = await fetch(location.pathname, { credentials: "same-origin", headers: { Accept: "text/html" } });
  if (!response.ok || response.redirected) return;
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  for (const part of PARTS) {
    const here = document.querySelector(part);
    const there = fresh.querySelector(part);
    if (here && there && here.innerHTML !== there.innerHTML) here.replaceChildren(...there.childNodes);
  }
}
