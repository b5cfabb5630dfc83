/* Crisis messages that nobody of this party has acknowledged: on top of every
 * page, with a sound, in the tab's title and icon, until an act acknowledges
 * them. */
import type { Event } from "./live";

type Words = Record<string, string>;
interface Message {
	cite: string; subject: string; act: string; due: string | null; left_us: number;
	from_names: Words; procedure_title: Words; act_title: Words;
}
interface Waiting { count: number; waiting: Message[] }

const SHOWN = 5, SILENCE_MS = 60000, BEEP_MS = 2500;
const lang = document.documentElement.lang || "en";
const box = document.getElementById("crisis");
const icon = document.querySelector<HTMLLinkElement>("link[rel=icon]");
const plain = icon?.href ?? "";
let state: Waiting = { count: 0, waiting: [] }, audio: AudioContext | null = null;
let timer = 0, again = false, asking = false, mine = false, before = 0;

const word = (w: Words): string => w[lang] ?? w.en ?? "";
const kept = (name: string): number => { try { return Number(localStorage.getItem(name)); } catch { return 0; } };
function keep(name: string, n: number): void {
	try { localStorage.setItem(name, String(n)); } catch { /* for this page, then */ }
}

function make<K extends keyof HTMLElementTagNameMap>(tag: K, text = "", name = ""): HTMLElementTagNameMap[K] {
	const e = document.createElement(tag);
	e.textContent = text;
	if (name) e.className = name;
	return e;
}

/* ---- the sound: two tones, made here; a browser wants one gesture first ---- */

function beep(): void {
	if (!audio || audio.state !== "running" || !mine || state.count === 0 || kept("comity-silence") > Date.now()) return;
	for (const [i, hz] of [880, 660].entries()) {
		const o = audio.createOscillator(), g = audio.createGain(), at = audio.currentTime + i * 0.25;
		o.frequency.value = hz;
		g.gain.setValueAtTime(0.0001, at);
		g.gain.exponentialRampToValueAtTime(0.4, at + 0.02);
		g.gain.exponentialRampToValueAtTime(0.0001, at + 0.22);
		o.connect(g).connect(audio.destination);
		o.start(at);
		o.stop(at + 0.24);
	}
}

/* Of several tabs one sounds. */
function claim(): void {
	if (!navigator.locks) { mine = true; return; }
	void navigator.locks.request("comity-sound", () => { mine = true; return new Promise<void>(() => undefined); });
}

async function soundOn(): Promise<void> {
	const fresh = audio === null;
	audio ??= new AudioContext();
	await audio.resume().catch(() => undefined);
	if (fresh) claim();
	keep("comity-sound", 1);
	render();
	beep();
}

const isSilent = (): boolean => audio?.state !== "running";

/* ---- title and icon ---- */

/* An icon a figure, and for good: a browser may load one long after it was set. */
const drawn = new Map<string, Promise<string>>();

function draw(figure: string): Promise<string> {
	const c = document.createElement("canvas"), g = (c.width = c.height = 64, c.getContext("2d"));
	if (!g) return Promise.resolve(plain);
	g.fillStyle = "#a3121f";
	g.fillRect(0, 0, 64, 64);
	g.fillStyle = "#fff";
	g.font = "bold 48px sans-serif";
	g.textAlign = "center";
	g.textBaseline = "middle";
	g.fillText(figure, 32, 35, 60);
	return new Promise((done) => c.toBlob((b) => done(b ? URL.createObjectURL(b) : plain)));
}

const figure = (): string => state.count > 9 ? "9+" : state.count > 0 ? String(state.count) : "";

function mark(): void {
	const now = figure();
	document.title = (now ? `(${state.count}) ` : "") + document.title.replace(/^\(\d+\) /, "");
	if (!icon) return;
	if (!now) { icon.href = plain; return; }
	if (!drawn.has(now)) drawn.set(now, draw(now));
	void drawn.get(now)?.then((href) => {
		if (now !== figure()) return;
		icon.type = "image/png";
		icon.href = href;
	});
}

/* ---- the box ---- */

function line(m: Message): HTMLElement {
	const li = make("li"), a = make("a", m.cite, "cite"), go = make("a", word(m.act_title), "button main");
	a.href = `/matters/${m.cite}`;
	go.href = `/matters/${m.cite}/do/${m.act}`;
	go.setAttribute("aria-label", `${word(m.act_title)}: ${m.cite}`);
	li.append(a, ` ${word(m.from_names)} · ${word(m.procedure_title)} `, make("span", m.subject, "said"), " ", go);
	return li;
}

function soundButton(): HTMLElement {
	const b = make("button", box?.dataset.sound ?? "");
	b.type = "button";
	b.id = "sound";
	b.title = box?.dataset.why ?? "";
	b.onclick = () => void soundOn();
	return b;
}

function render(): void {
	if (!box) return;
	const focus = document.activeElement instanceof HTMLElement && box.contains(document.activeElement)
		? document.activeElement.getAttribute("href") ?? document.activeElement.id : "";
	document.getElementById("sound")?.remove();
	box.hidden = state.count === 0;
	box.replaceChildren();
	if (state.count > 0) {
		const head = make("h2", (box.dataset.title ?? "{}").replace("{}", String(state.count)));
		const list = make("ul", "", "acts"), quiet = make("button", box.dataset.quiet ?? "");
		const said = make("span", head.textContent ?? "");
		head.id = "crisis-title";
		if (state.count > before) { /* said once */
			said.setAttribute("role", "alert");
			head.replaceChildren(said);
		}
		/* The board lists them itself. */
		if (!document.getElementById("h-waiting")) list.append(...state.waiting.slice(0, SHOWN).map(line));
		quiet.type = "button";
		quiet.id = "quiet";
		quiet.onclick = () => { keep("comity-silence", Date.now() + SILENCE_MS); };
		const row = make("p");
		if (isSilent()) row.append(soundButton(), " ", make("span", box.dataset.why ?? "", "soft"));
		else row.append(quiet);
		box.append(head, list, row);
		if (focus) box.querySelector<HTMLElement>(`[href="${CSS.escape(focus)}"], #${CSS.escape(focus)}`)?.focus();
	} else if (isSilent()) {
		document.querySelector(".who")?.prepend(soundButton(), " ");
	}
	before = state.count;
	mark();
}

async function look(): Promise<void> {
	if (asking) { again = true; return; }
	asking = true;
	try {
		const got = await fetch("/waiting", { headers: { Accept: "application/json" }, cache: "no-store" });
		if (got.ok && !got.redirected) {
			const had = state.count, next = await got.json() as Waiting;
			const same = JSON.stringify(next.waiting.map((m) => m.cite)) === JSON.stringify(state.waiting.map((m) => m.cite));
			state = next;
			if (!same || box?.childElementCount === 0) render();
			if (next.count > had) { keep("comity-silence", 0); beep(); }
		}
	} catch { /* the sign of the line says it */ }
	asking = false;
	if (again) { again = false; await look(); }
}

if (box && document.body.dataset.officer !== undefined) {
	render();
	void look();
	if (kept("comity-sound") === 1) void soundOn();
	/* Any gesture will do, where the sound was wanted before. */
	for (const name of ["pointerdown", "keydown"])
		window.addEventListener(name, () => { if (kept("comity-sound") === 1 && isSilent()) void soundOn(); });
	setInterval(beep, BEEP_MS);
	setInterval(() => void look(), 60000);
	document.addEventListener("comity-swap", mark);
	document.addEventListener("comity-event", (e) => {
		if ((e as CustomEvent<Event>).detail.type === "line" || timer) return;
		timer = window.setTimeout(() => { timer = 0; void look(); }, 50);
	});
}
