// What the page asks the node. Answers are JSON; failures are ApiError with words for people.

const CPU = "process_cpu:cpu:nanoseconds:cpu:nanoseconds";
/** Enough for any screen: frames of less than a pixel are not drawn anyway. */
const MAXIMUM_NODES = 50_000;

export class ApiError extends Error {
  /** `status` 0: no answer at all. */
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

async function getJSON(path, signal) {
  let response;
  try {
    response = await fetch(path, { signal, headers: { accept: "application/json" } });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError(0, "The node does not answer.");
  }
  let body = null;
  try {
    body = await response.json();
  } catch (error) {
    if (error.name === "AbortError") throw error;
  }
  signal?.throwIfAborted();
  if (!response.ok) {
    throw new ApiError(response.status, body?.message ?? `The node answered ${response.status}.`);
  }
  if (body === null) throw new ApiError(response.status, "The node's answer is not JSON.");
  return body;
}

/** The selector of one application, or of all when `app` is empty. */
export function query(app) {
  const value = app.replace(/\\/g, "\\\\").replace(/"/g, '\\"').replace(/\n/g, "\\n");
  return app ? `${CPU}{service_name="${value}"}` : `${CPU}{}`;
}

export function renderPath(app, { from, until }, format) {
  const values = new URLSearchParams({
    query: query(app),
    from: Math.round(from),
    until: Math.round(until),
    format,
  });
  return `/pyroscope/render?${values}`;
}

export function flameGraph(app, range, signal) {
  return getJSON(`${renderPath(app, range, "json")}&maxNodes=${MAXIMUM_NODES}`, signal);
}

export function services({ from, until }, signal) {
  return getJSON(
    `/api/v1/services?from=${Math.round(from)}&until=${Math.round(until)}`,
    signal,
  );
}

export function status(signal) {
  return getJSON("/api/v1/status", signal);
}

export async function readiness(signal) {
  try {
    await getJSON("/ready", signal);
    return null;
  } catch (error) {
    if (error.status === 503) return error.message;
    throw error;
  }
}
