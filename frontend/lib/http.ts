/** Requests to our own server, with the CSRF token and messages a person can act on. */
import { t } from "./texts";

export class Refused extends Error {
  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message);
  }
}

export function csrfToken(): string {
  return document.querySelector<HTMLInputElement>("input[name=csrfmiddlewaretoken]")?.value ?? "";
}

export function reasonOf(status: number): string {
  if (status === 0) return t("offline");
  if (status === 401) return t("signed_out");
  if (status === 403) return t("not_allowed");
  return t("failed");
}

async function send(url: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, { credentials: "same-origin", ...init });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Refused(reasonOf(0), 0);
  }
  if (!response.ok) throw new Refused(reasonOf(response.status), response.status);
  return response;
}

export async function getJson<T>(url: string, signal?: AbortSignal): Promise<T> {
  const response = await send(url, { headers: { Accept: "application/json" }, ...(signal ? { signal } : {}) });
  // A redirect to the sign-in page is an answer in HTML: the session has ended.
  if (!(response.headers.get("Content-Type") ?? "").includes("json")) throw new Refused(reasonOf(401), 401);
  return (await response.json()) as T;
}

export async function post(url: string, fields: Record<string, string>): Promise<Response> {
  const body = new URLSearchParams(fields);
  return send(url, { method: "POST", body, headers: { Accept: "application/json", "X-CSRFToken": csrfToken() } });
}
