/* The page as it is now: the node says what changes, and the page is fetched
 * again and changed where it differs.  What the reader does (focus, what is
 * open, what is written) stays. */
import { isOut, signIn } from "./key";

export interface Event { type: string; cite?: string; urgent?: boolean; state?: string }

const SILENT_MS = 25000; /* the stream says something each 15 s */
const SWAP_MS = 250;
const AWAY_MS = 4000; /* at most between two tries: an officer waits for a crisis */
const sign = document.getElementById("live");
let last = "", spoke = 0, wait = 1000, stop: AbortController | null = null;
let due = 0, swapped = 0, swapping = false, again = false;

function show(on: boolean): void {
	if (!sign) return;
	const text = (on ? sign.dataset.on : sign.dataset.off) ?? "";
	sign.hidden = false;
	sign.classList.toggle("is-ok", on);
	sign.classList.toggle("is-alarm", !on);
	if (sign.textContent !== text) sign.textContent = text;
}

/* ---- changing the page where it differs ---- */

const key = (n: Node): string =>
	n instanceof Element ? n.tagName + (n.id || n.getAttribute("data-key") || "") : String(n.nodeType);
const named = (n: Node): boolean => n instanceof Element && (n.id !== "" || n.hasAttribute("data-key"));

function attributes(from: Element, to: Element): void {
	for (const a of [...from.attributes])
		if (!to.hasAttribute(a.name) && a.name !== "open") from.removeAttribute(a.name);
	for (const a of [...to.attributes])
		if (from.getAttribute(a.name) !== a.value) from.setAttribute(a.name, a.value);
}

export function morph(from: Element, to: Element): void {
	let at: ChildNode | null = from.firstChild;
	attributes(from, to);
	for (const want of [...to.childNodes]) {
		let have: ChildNode | null = at;
		while (have && key(have) !== key(want) && named(want)) have = have.nextSibling;
		if (!have || key(have) !== key(want)) {
			from.insertBefore(document.importNode(want, true), at);
			continue;
		}
		if (have === at) at = at!.nextSibling;
		else from.insertBefore(have, at);
		if (have instanceof Element) morph(have, want as Element);
		else if (have.nodeValue !== want.nodeValue) have.nodeValue = want.nodeValue;
	}
	while (at) {
		const next: ChildNode | null = at.nextSibling;
		at.remove();
		at = next;
	}
}

/* A form that is being filled in is not touched; the filter of a list is, until
 * somebody writes into it. */
function isBusy(main: Element): boolean {
	if (main.querySelector("form:not([method=get]), dialog[open], [data-still]")) return true;
	return [...main.querySelectorAll<HTMLInputElement | HTMLSelectElement>("input, select, textarea")].some((e) =>
		e === document.activeElement || (e instanceof HTMLSelectElement
			? [...e.options].some((o) => o.selected !== o.defaultSelected && o.defaultSelected)
			: e.type === "checkbox" ? e.checked !== e.defaultChecked : e.value !== e.defaultValue));
}

function tell(main: HTMLElement): void {
	if (main.querySelector(".changed")) return;
	const p = document.createElement("p");
	p.className = "changed panel is-due";
	p.setAttribute("role", "status");
	p.textContent = main.dataset.changed ?? "";
	main.prepend(p);
}

async function swap(): Promise<void> {
	const main = document.getElementById("main");
	if (!main || isBusy(main)) return;
	const got = await fetch(location.href, { headers: { Accept: "text/html" } });
	if (!got.ok || (got.redirected && new URL(got.url).pathname !== location.pathname)) return;
	const page = new DOMParser().parseFromString(await got.text(), "text/html");
	const next = page.getElementById("main");
	if (!next || isBusy(main)) return;
	morph(main, next);
	document.title = page.title;
	document.dispatchEvent(new CustomEvent("comity-swap"));
}

/* What comes together is one change: at most four a second. */
function refresh(): void {
	if (due || swapping) {
		again = swapping;
		return;
	}
	due = window.setTimeout(async () => {
		due = 0;
		swapping = true;
		await swap().catch(() => undefined);
		swapped = Date.now();
		swapping = false;
		if (again) { again = false; refresh(); }
	}, Math.max(20, swapped + SWAP_MS - Date.now()));
}

/* ---- the stream ---- */

function take(block: string): void {
	let type = "message", data = "";
	for (const line of block.split("\n")) {
		const colon = line.indexOf(":"), name = line.slice(0, colon < 0 ? line.length : colon);
		const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
		if (name === "event") type = value;
		else if (name === "data") data += value;
		else if (name === "id") last = value;
	}
	if (type === "message" && data === "") return; /* a sign of life */
	let e: Event = { type };
	try { e = { ...JSON.parse(data || "{}"), type }; } catch { /* the type is enough */ }
	document.dispatchEvent(new CustomEvent<Event>("comity-event", { detail: e }));
	const main = document.getElementById("main");
	if (main && e.cite && main.querySelector("form:not([method=get])")) {
		if (location.pathname.startsWith(`/matters/${e.cite}/`)) tell(main);
	} else refresh();
}

/* false: nobody has signed in. */
async function listen(): Promise<boolean> {
	stop = new AbortController();
	spoke = Date.now();
	const got = await fetch("/events", {
		headers: { Accept: "text/event-stream", ...(last ? { "Last-Event-ID": last } : {}) },
		signal: stop.signal, cache: "no-store",
	});
	if (got.status === 401 || got.redirected) return false;
	if (!got.ok || !got.body) throw new Error(String(got.status));
	const reader = got.body.pipeThrough(new TextDecoderStream()).getReader();
	let text = "";
	show(true);
	wait = 1000;
	for (;;) {
		const { value, done } = await reader.read();
		if (done) return true;
		spoke = Date.now();
		text += value.replace(/\r/g, "");
		for (let end; (end = text.indexOf("\n\n")) >= 0; text = text.slice(end + 2)) take(text.slice(0, end));
	}
}

async function run(): Promise<void> {
	for (let first = true; ; first = false) {
		let known = true;
		/* What happened between the page and the stream, or without one. */
		if (!first) refresh();
		try { known = await listen(); } catch { /* try again */ }
		show(false);
		if (!known && (isOut() || !await signIn().catch(() => false))) return;
		await new Promise<void>((ok) => {
			const t = setTimeout(ok, wait * (0.75 + Math.random() / 2));
			window.addEventListener("online", () => { clearTimeout(t); ok(); }, { once: true });
		});
		wait = Math.min(wait * 2, AWAY_MS);
	}
}

if (document.body.dataset.officer !== undefined && sign) {
	show(false);
	void run();
	setInterval(() => {
		if (Date.now() - spoke > SILENT_MS) stop?.abort();
	}, 1000);
	window.addEventListener("offline", () => stop?.abort());
	document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
}
