// The first page: drop files, watch jobs, open results.

import { FINAL, byId, call, chip, duration, make, moment, newBar, plural, say, sayProblem, setBar } from "./view.js";
import { showResult } from "./result.js";

const JOBS = "/api/v1/documents/batch-process";
const UPLOAD = "/api/v1/documents/upload";
const LIST_EVERY_MS = 1500;
const IDLE_EVERY_MS = 10000;
const AGAIN_MS = 3000;
const PAGE = 20;
const TASKS_PAGE = 100;

const jobs = { shown: PAGE, timer: 0, loading: false, said: null };
const open = { id: null, job: null, stream: null, tasks: new Map(), early: new Map(), token: "", said: null };

// Uploading

function upload(files) {
  if (!files.length) return;
  const form = new FormData();
  for (const file of files) form.append("files", file);
  if (byId("type").value) form.append("type", byId("type").value);
  const request = new XMLHttpRequest();
  const bar = byId("sent");
  const done = () => {
    bar.hidden = true;
    byId("sending").textContent = "";
    byId("files").value = "";
  };
  request.upload.onprogress = (event) => {
    if (event.lengthComputable) bar.value = (100 * event.loaded) / event.total;
  };
  request.onload = () => {
    done();
    const body = parsed(request.responseText);
    if (request.status === 202) {
      say(`${plural(body.data.length, "document")} accepted.`, { tone: "note" });
      openJob(body.data[0].jobId);
      loadJobs();
    } else {
      const error = new Error(`Docmill answered ${request.status}.`);
      error.problem = body;
      sayProblem(error);
    }
  };
  request.onerror = () => {
    done();
    say("The upload broke off; nothing was stored.");
  };
  bar.value = 0;
  bar.hidden = false;
  byId("sending").textContent = `Sending ${plural(files.length, "file")} …`;
  request.open("POST", UPLOAD);
  request.send(form);
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function listenForFiles() {
  const zone = byId("upload");
  byId("files").addEventListener("change", (event) => upload([...event.target.files]));
  zone.addEventListener("submit", (event) => event.preventDefault());
  for (const name of ["dragover", "drop"]) document.addEventListener(name, (event) => event.preventDefault());
  document.addEventListener("dragenter", () => zone.classList.add("over"));
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) zone.classList.remove("over");
  });
  document.addEventListener("drop", (event) => {
    zone.classList.remove("over");
    upload([...event.dataTransfer.files]);
  });
}

async function fillTypes() {
  const description = await call("/openapi.json");
  const { enum: names, default: usual } = description.components.schemas.SubmitRequest.properties.type;
  const label = (name) => name.toLowerCase().replaceAll("_", " ");
  byId("type").replaceChildren(...names.map((name) => make("option", { value: name, text: label(name) })));
  byId("type").value = usual;
}

// The list of jobs

async function loadJobs() {
  clearTimeout(jobs.timer);
  if (jobs.loading) return;
  jobs.loading = true;
  let active = false;
  try {
    const { data, nextPageToken } = await call(`${JOBS}?pageSize=${Math.min(jobs.shown, 200)}`);
    active = data.some((job) => !FINAL.has(job.status));
    drawJobs(data);
    jobs.said?.remove();
    byId("more-jobs").hidden = !nextPageToken || jobs.shown >= 200;
  } catch (error) {
    jobs.said = sayProblem(error);
  } finally {
    jobs.loading = false;
  }
  if (!document.hidden) jobs.timer = setTimeout(loadJobs, active ? LIST_EVERY_MS : IDLE_EVERY_MS);
}

function drawJobs(list) {
  byId("no-jobs").hidden = list.length > 0;
  const focused = document.activeElement?.dataset?.job;
  byId("jobs").replaceChildren(...list.map((job) => make("li", {}, jobButton(job))));
  if (focused) byId("jobs").querySelector(`[data-job="${CSS.escape(focused)}"]`)?.focus();
}

function jobButton(job) {
  const title = make("span", { className: "title" }, make("b", { text: titleOf(job) }), chip(job.status, job.outcome));
  const failed = job.failedDocuments ? `, ${job.failedDocuments} without a result` : "";
  const line = `${job.processedDocuments} of ${plural(job.totalDocuments, "document")}${failed} · ${moment(job.createdAt)}`;
  const button = make("button", { type: "button", attributes: { "aria-current": job.id === open.id } },
    title, newBar(job.progress, job.status, `Progress of ${titleOf(job)}`), make("span", { className: "quiet", text: line }));
  button.dataset.job = job.id;
  button.addEventListener("click", () => openJob(job.id, { focus: true }));
  return button;
}

function titleOf(job) {
  return job.name || `${job.type.toLowerCase().replaceAll("_", " ")} · ${job.id.slice(-6)}`;
}

// One job

function openJob(id, { focus = false } = {}) {
  closeStream();
  Object.assign(open, { id, job: null, token: "", tasks: new Map(), early: new Map() });
  byId("tasks").replaceChildren();
  byId("job").hidden = false;
  document.querySelector(".columns").classList.add("two");
  history.replaceState(null, "", `#${id}`);
  for (const button of byId("jobs").querySelectorAll("button")) button.setAttribute("aria-current", button.dataset.job === id);
  if (focus) byId("job-title").focus({ preventScroll: true });
  follow(id);
}

function closeJob() {
  closeStream();
  open.id = null;
  byId("job").hidden = true;
  document.querySelector(".columns").classList.remove("two");
  history.replaceState(null, "", location.pathname);
  loadJobs();
}

function closeStream() {
  open.stream?.close();
  open.stream = null;
}

function follow(id) {
  const stream = new EventSource(`${JOBS}/${encodeURIComponent(id)}/events`);
  open.stream = stream;
  stream.onerror = () => {
    // Refused, not interrupted: show the job as it is, or say why it cannot be shown now.
    if (open.id === id && stream.readyState === EventSource.CLOSED) ended(id);
  };
  const on = (types, take) => {
    for (const type of types) stream.addEventListener(type, (event) => open.id === id && take(JSON.parse(event.data).data, type));
  };
  on(["snapshot"], (job) => {
    open.job = job;
    drawJob();
    if (FINAL.has(job.status)) closeStream();
    refreshTasks(id); // Not before: what ends between the two would be in neither.
  });
  on(["batch.progress"], takeProgress);
  on(["batch.started"], () => change({ status: "PROCESSING" }));
  on(["batch.completed", "batch.failed", "batch.timeout", "batch.cancelled"], () => ended(id));
  on(["task.started"], (data) => changeTask(data.documentId, { status: "PROCESSING", step: null, progress: 0 }));
  on(["task.progress"], (data) => changeTask(data.documentId, { status: "PROCESSING", step: data.step, progress: 100 * data.fraction }));
  on(["task.retrying"], (data) => changeTask(data.documentId, { status: "RETRYING", error: data.error }));
  on(["task.completed"], (data) => {
    changeTask(data.documentId, { status: "COMPLETED", time: data.processingTime, error: null });
    if (data.attachments) refreshTasks(id); // What was inside it joins the list.
  });
  on(["task.failed"], (data) => changeTask(data.documentId, { status: data.error?.code?.endsWith("timeout") ? "TIMEOUT" : "FAILED", error: data.error }));
  on(["task.cancelled"], (data) => changeTask(data.documentId, { status: "CANCELLED" }));
}

function takeProgress(data) {
  if (!open.job) return;
  const { progress, processedDocuments, failedDocuments, estimatedTimeRemaining } = data;
  const counts = { ...open.job.counts, processing: data.processing, pending: data.pending, queued: 0, retrying: 0 };
  change({ progress, processedDocuments, failedDocuments, estimatedTimeRemaining, counts });
}

function change(fields) {
  if (!open.job) return;
  Object.assign(open.job, fields);
  drawJob();
}

async function ended(id) {
  closeStream();
  try {
    const { data } = await call(`${JOBS}/${encodeURIComponent(id)}`);
    if (open.id !== id) return;
    open.job = data;
    drawJob();
    open.said?.remove();
    if (!FINAL.has(data.status)) followAgain(id);
    await refreshTasks(id);
    loadJobs();
  } catch (error) {
    open.said = sayProblem(error);
    if (!(error.status < 500)) followAgain(id);
  }
}

function followAgain(id) {
  setTimeout(() => open.id === id && !open.stream && follow(id), AGAIN_MS);
}

function drawJob() {
  const job = open.job;
  const final = FINAL.has(job.status);
  byId("job-title").replaceChildren(`${titleOf(job)} `, chip(job.status, job.outcome));
  byId("cancel").hidden = final;
  byId("cancel").disabled = job.cancelRequested;
  byId("retry").hidden = !(final && job.errors?.some((each) => each.error.code !== "cancelled"));
  setBar(byId("job-bar"), job.progress, job.status);
  byId("job-facts").textContent = factsOf(job, final);
  const counts = [
    [job.processedDocuments, "done"], [job.counts.processing, "at work"],
    [job.counts.pending + job.counts.queued + job.counts.retrying, "waiting"], [job.failedDocuments, "without a result"],
  ];
  byId("job-counts").replaceChildren(...counts.flatMap(([number, text], index) => [index ? " · " : "", make("b", { text: number }), ` ${text}`]));
}

function factsOf(job, final) {
  const parts = [job.type.toLowerCase().replaceAll("_", " "), plural(job.totalDocuments, "document"), `${job.progress} %`];
  if (final && job.startedAt && job.finishedAt) parts.push(`took ${duration(new Date(job.finishedAt) - new Date(job.startedAt))}`);
  if (!final && job.estimatedTimeRemaining) parts.push(`about ${duration(job.estimatedTimeRemaining)} left`);
  if (!final && job.cancelRequested) parts.push("cancelling");
  if (job.error) parts.push(job.error.message);
  return parts.join(" · ");
}

async function act(action) {
  const id = open.id;
  try {
    const answer = await call(`${JOBS}/${encodeURIComponent(id)}/${action}`, { method: "POST" });
    if (action === "retry") openJob(answer.data.jobId);
    else change({ cancelRequested: true });
    loadJobs();
  } catch (error) {
    sayProblem(error);
  }
}

// Its documents

async function loadTasks(id) {
  const token = open.token ? `&pageToken=${encodeURIComponent(open.token)}` : "";
  try {
    const page = await call(`${JOBS}/${encodeURIComponent(id)}/tasks?pageSize=${TASKS_PAGE}${token}`);
    if (open.id !== id) return;
    open.token = page.nextPageToken;
    page.data.forEach(takeTask);
    byId("more-tasks").hidden = !page.nextPageToken;
  } catch (error) {
    sayProblem(error);
  }
}

async function refreshTasks(id) {
  open.token = "";
  await loadTasks(id);
}

function takeTask(task) {
  const time = task.startedAt && task.finishedAt ? new Date(task.finishedAt) - new Date(task.startedAt) : null;
  const known = open.tasks.get(task.documentId) ?? {};
  open.tasks.set(task.documentId, { ...known, ...task, time: time ?? known.time });
  drawTask(task.documentId);
  // What the stream told while the list was on its way.
  changeTask(task.documentId, open.early.get(task.documentId) ?? {});
  open.early.delete(task.documentId);
}

function changeTask(documentId, fields) {
  const task = open.tasks.get(documentId);
  if (!task) open.early.set(documentId, { ...open.early.get(documentId), ...fields });
  if (!task || FINAL.has(task.status)) return;
  Object.assign(task, fields);
  drawTask(documentId);
}

function drawTask(documentId) {
  const task = open.tasks.get(documentId);
  const row = make("tr");
  const busy = task.status === "PROCESSING";
  const why = task.error ? [make("span", { className: "why", text: task.error.message || task.error.code })] : [];
  row.append(
    make("td", { className: "name", text: task.name }, ...why),
    make("td", {}, chip(task.status)),
    make("td", { text: FINAL.has(task.status) ? "" : (task.step ?? "") }, ...(busy ? [newBar(task.progress ?? 0, task.status, `Progress of ${task.name}`)] : [])),
    make("td", { className: "number", text: duration(task.time) }),
    make("td", { className: "number" }, ...(task.status === "COMPLETED" ? [resultButton(task)] : [])),
  );
  const focused = task.row?.contains(document.activeElement);
  if (task.row) task.row.replaceWith(row);
  else byId("tasks").append(row);
  task.row = row;
  if (focused) row.querySelector("button")?.focus();
}

function resultButton(task) {
  const button = make("button", { type: "button", className: "plain", text: "Open", attributes: { "aria-label": `Open the result of ${task.name}` } });
  button.addEventListener("click", async () => {
    try {
      const { data } = await call(`${JOBS}/${encodeURIComponent(open.id)}/results/${encodeURIComponent(task.documentId)}`);
      showResult(task.name, data.data ?? {});
    } catch (error) {
      sayProblem(error);
    }
  });
  return button;
}

// Start

listenForFiles();
fillTypes().catch(sayProblem);
byId("close").addEventListener("click", closeJob);
byId("cancel").addEventListener("click", () => act("cancel"));
byId("retry").addEventListener("click", () => act("retry"));
byId("more-tasks").addEventListener("click", () => loadTasks(open.id));
byId("more-jobs").addEventListener("click", () => { jobs.shown += PAGE; loadJobs(); });
byId("result-close").addEventListener("click", () => byId("result").close());
document.addEventListener("visibilitychange", () => document.hidden || loadJobs());
loadJobs();
if (location.hash.length > 1) openJob(decodeURIComponent(location.hash.slice(1)));
