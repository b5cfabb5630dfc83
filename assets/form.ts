/* The form of an act: filled in, checked, kept as a draft, signed. */
import { Draft, Drafts } from "./draft";
import { addItem, Fault, fieldAt, itemsOf, readForm, removeItem, timeOf, word, writeForm } from "./field";
import { postAct } from "./sign";
import { isUploading, watchFiles } from "./upload";

const $ = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;
type Refused = Error & { code?: string; where?: string | null };

/* ---- whom it goes to ---- */

const chosen = (form: HTMLFormElement): string =>
	form.querySelector<HTMLInputElement>("input[name=to]:checked")?.value ?? "parties";
const boxes = (): HTMLInputElement[] => [...$("to-parties").querySelectorAll<HTMLInputElement>("input")];

function audience(form: HTMLFormElement): string | string[] {
	const to = chosen(form);
	return to !== "parties" ? to : boxes().filter((b) => b.checked).map((b) => b.value);
}

const conferenceOf = (): HTMLSelectElement | null => $<HTMLSelectElement>("conference");
const answersOf = (): HTMLSelectElement | null => $<HTMLSelectElement>("answers");

/* What is narrower than the rules take cannot be chosen. */
function limit(form: HTMLFormElement): void {
	const order = ["parties", "members", "public"], least = order.indexOf(form.dataset.narrowest!);
	const alone = conferenceOf()?.value === "";
	for (const r of form.querySelectorAll<HTMLInputElement>("input[name=to]"))
		r.disabled = order.indexOf(r.value) < least || (r.value === "members" && alone && least < 1);
	if (form.querySelector<HTMLInputElement>("input[name=to]:checked")?.disabled)
		form.querySelector<HTMLInputElement>("input[name=to]:not(:disabled)")!.checked = true;
	$("to-parties").hidden = chosen(form) !== "parties";
}

/* ---- the same by the command line ---- */

const quote = (s: string): string => /^[\w=/:.,+-]+$/.test(s) ? s : `'${s.replace(/'/g, "'\\''")}'`;

function settings(field: HTMLElement, name: string, v: unknown): string[] {
	const type = field.dataset.type, all = "many" in field.dataset ? v as unknown[] : [v];
	return all.map((x) => {
		const map = x as Record<string, unknown>;
		const s = type === "texts" ? `${map.lang ?? "en"}${map.authentic ? "*" : ""}:${map.text}`
			: type === "file" ? String(map.name)
			: Array.isArray(x) ? x.join(",")
			: x !== null && typeof x === "object" ? JSON.stringify(x) : String(x);
		return `--set ${quote(`${name}=${s}`)}`;
	});
}

function command(form: HTMLFormElement): string {
	const d = form.dataset, to = audience(form), words: string[] = [];
	const body = readForm(form, null);
	const cite = (s: HTMLSelectElement | null): string | undefined => s?.selectedOptions[0]?.dataset.cite;
	words.push(d.matter ? `comity act ${d.cite} ${d.kind}` : `comity new ${d.kind}`);
	if (to.length) words.push(`--to ${typeof to === "string" ? to : to.join(",")}`);
	if (cite(conferenceOf())) words.push(`--in ${cite(conferenceOf())}`);
	if (cite(answersOf())) words.push(`--answers ${cite(answersOf())}`);
	if (d.amendsCite) words.push(`--amends ${d.amendsCite}`);
	for (const [name, v] of Object.entries(body))
		words.push(...settings(fieldAt(form, `/${name}`)!, name, v));
	return words.join(" \\\n  ");
}

/* ---- what is signed, in this form's words ---- */

const partyName = (code: string): string =>
	document.querySelector(`#parties option[value="${CSS.escape(code)}"]`)?.textContent ?? code;

/* What a part of the body is called, and how its value reads. */
function partOf(form: HTMLElement, path: string[], v: unknown): [string, string] {
	const field = fieldAt(form, `/${path.join("/")}`), at = path.lastIndexOf(field?.dataset.field ?? "");
	const inner = path.slice(at + 1).filter((x) => !/^\d+$/.test(x)), no = path[at + 1];
	const label = inner.length && field?.querySelector(`[data-part="${inner[0]}"]`)?.closest("label")?.firstChild?.textContent;
	const one = (x: unknown): string => {
		const text = CSS.escape(String(x));
		const coded = field?.querySelector(`option[value="${text}"], label:has(input[value="${text}"]:is([type=radio], [type=checkbox]))`);
		const ref = [...field?.querySelectorAll<HTMLElement>("[data-kind=ref]") ?? []].find((c) => c.dataset.id === x);
		return coded?.textContent?.trim() ?? ref?.dataset.cite ?? (field?.dataset.type === "party" ? partyName(String(x)) : String(x));
	};
	return [[`${field?.dataset.title ?? path[0]}${Number(no) > 0 ? ` ${Number(no) + 1}` : ""}`,
		...(label ? [label, ...inner.slice(1)] : inner)].join(" · "),
	(Array.isArray(v) ? v : [v]).map(one).join(", ")];
}

/* ---- faults ---- */

function clear(form: HTMLElement): void {
	for (const w of form.querySelectorAll(".wrong")) if (w.tagName === "P") w.textContent = "";
	for (const c of form.querySelectorAll("[aria-invalid]")) c.removeAttribute("aria-invalid");
	$("faults").hidden = true;
}

function showFaults(faults: Fault[], general?: string): void {
	const list = $("faults").querySelector("ul")!;
	list.replaceChildren();
	for (const f of faults) {
		const a = document.createElement("a"), li = document.createElement("li");
		if (!f.at.id) f.at.id = `x-${list.children.length}`;
		a.href = `#${f.at.id}`;
		a.textContent = `${f.field.dataset.title}: ${f.text}`;
		a.addEventListener("click", (e) => { e.preventDefault(); f.at.focus(); });
		li.append(a);
		list.append(li);
		f.at.setAttribute("aria-invalid", "true");
		const wrong = [...f.field.querySelectorAll<HTMLElement>("p.wrong")]
			.find((w) => w.parentElement === f.field);
		if (wrong && !wrong.textContent) wrong.textContent = f.text;
	}
	if (general) {
		const li = document.createElement("li");
		li.textContent = general;
		list.append(li);
	}
	$("faults").hidden = false;
	$("faults").focus();
}

function check(form: HTMLFormElement): [Record<string, unknown>, Fault[]] {
	const faults: Fault[] = [], answers = answersOf();
	if (answers && !answers.value)
		faults.push({ at: answers, field: $("answer-field"), text: word("required") });
	if (!audience(form).length)
		faults.push({ at: boxes()[0] ?? form.querySelector<HTMLInputElement>("input[name=to]")!, field: $("audience"), text: word("to") });
	const body = readForm(form, faults);
	if (isUploading()) faults.push({ at: $("progress"), field: form, text: word("sending", "") });
	return [body, faults];
}

/* ---- times, references ---- */

function zoned(iso: string): string {
	const at = new Date(iso.length < 11 ? `${iso}${"-01-01".slice(iso.length - 4)}T00:00Z` : /T\d\dZ$/.test(iso) ? iso.replace("Z", ":00Z") : iso);
	const lang = document.documentElement.lang;
	if (isNaN(at.getTime())) return "";
	if (iso.length < 11) return `${iso} UTC`;
	const say = (timeZone?: string): string => new Intl.DateTimeFormat(lang,
		{ dateStyle: "medium", timeStyle: "short", ...(timeZone ? { timeZone } : {}) }).format(at);
	return `${say("UTC")} UTC · ${say()} ${Intl.DateTimeFormat().resolvedOptions().timeZone}`;
}

function echo(c: HTMLElement, text: string): void {
	const out = c.parentElement?.querySelector(".echo");
	if (out) out.textContent = text;
}

async function resolve(c: HTMLInputElement): Promise<void> {
	const cite = c.value.trim().toUpperCase();
	if (!/^[A-Z][A-Z0-9-]*-\d+$/.test(cite)) return echo(c, "");
	c.value = cite;
	delete c.dataset.id;
	try {
		const r = await fetch(`/${c.dataset.of}/${cite}?format=json`);
		const j = await r.json() as { id?: string; subject?: string; act?: { id: string; kind: string } };
		if (c.value !== cite) return;
		c.dataset.cite = cite;
		c.dataset.id = (c.dataset.of === "acts" ? j.act?.id : j.id) ?? "";
		echo(c, c.dataset.id ? j.subject ?? j.act?.kind ?? "" : word("ref"));
	} catch {
		echo(c, word("ref"));
	}
}

let asked: Promise<unknown> = Promise.resolve();
function changed(c: HTMLInputElement, now: boolean): void {
	if (c.dataset.kind === "time") {
		const t = c.value.trim() && timeOf(c.value.trim());
		/* "+2h" and "04:31" count from when they were written, not from when the act is signed. */
		if (t && now && /^(now|[+-]|\d\d:)/.test(c.value.trim())) c.value = t;
		echo(c, t ? zoned(t) : "");
	}
	if (c.dataset.kind === "ref" && now) asked = Promise.all([asked, resolve(c)]);
}

/* ---- the whole ---- */

class Page {
	private drafts: Drafts;
	private timer = 0;
	constructor(private form: HTMLFormElement) {
		this.drafts = new Drafts(form.dataset.kind!, form.dataset.matter ?? "");
	}
	start(): void {
		const form = this.form;
		form.querySelector<HTMLButtonElement>("[type=submit]")!.disabled = false;
		$("copy").hidden = false;
		for (const b of form.querySelectorAll<HTMLElement>("[data-add]")) b.hidden = false;
		watchFiles(form);
		form.addEventListener("input", (e) => { changed(e.target as HTMLInputElement, false); this.later(); });
		form.addEventListener("change", (e) => { changed(e.target as HTMLInputElement, true); limit(form); this.show(); });
		form.addEventListener("click", (e) => this.click(e));
		form.addEventListener("submit", (e) => { e.preventDefault(); void this.submit(); });
		$("copy").addEventListener("click", () => void navigator.clipboard?.writeText($("command").textContent ?? "")
			.then(() => { $("copied").textContent = word("copied"); }));
		limit(form);
		this.offer();
		if (form.dataset.amends || "prefill" in form.dataset) void this.prefill();
		this.show();
	}
	private show(): void { $("command").textContent = command(this.form); }
	private click(e: Event): void {
		const b = (e.target as HTMLElement).closest<HTMLElement>("[data-add], [data-remove]");
		if (!b) return;
		const field = b.closest<HTMLElement>(".field")!;
		if ("add" in b.dataset)
			addItem(field).querySelector<HTMLElement>("input, textarea, select")?.focus();
		else {
			removeItem(b.closest<HTMLElement>(".item")!);
			itemsOf(field)[0].querySelector<HTMLElement>("input, textarea, select")?.focus();
		}
		this.later();
	}
	private later(): void {
		window.clearTimeout(this.timer);
		this.timer = window.setTimeout(() => { this.keep(); this.show(); }, 400);
	}
	private keep(): void {
		const to = audience(this.form), body = readForm(this.form, null);
		if (!Object.keys(body).length) return; /* nothing is written yet */
		this.drafts.keep({ saved: new Date().toISOString(), to: typeof to === "string" ? [to] : to,
			conference: conferenceOf()?.value ?? "", answers: answersOf()?.value ?? "", body });
		$("progress").textContent = word("kept");
	}
	private offer(): void {
		const list = $("drafts").querySelector("ul")!, all = this.drafts.list();
		list.replaceChildren();
		for (const [id, d] of all) {
			const li = document.createElement("li");
			const first = Object.values(d.body).find((x) => typeof x === "string" && x.length > 12);
			li.append(word("draft", zoned(d.saved)), first ? ` ${String(first).slice(0, 60)} ` : " ");
			const button = (text: string, then: () => void): void => {
				const b = document.createElement("button");
				b.type = "button";
				b.className = "small";
				b.textContent = text;
				b.addEventListener("click", then);
				li.append(b, " ");
			};
			button(word("go_on"), () => { this.drafts.id = id; this.load(d); });
			button(word("discard"), () => { this.drafts.drop(id); this.offer(); });
			list.append(li);
		}
		$("drafts").hidden = !all.length;
	}
	private load(d: Draft): void {
		const conference = conferenceOf(), answers = answersOf();
		writeForm(this.form, d.body);
		if (conference) conference.value = d.conference;
		if (answers && [...answers.options].some((o) => o.value === d.answers)) answers.value = d.answers;
		const named = d.to.length === 1 && /^(members|public)$/.test(d.to[0]);
		const radio = this.form.querySelector<HTMLInputElement>(`input[name=to][value=${named ? d.to[0] : "parties"}]`);
		if (radio) radio.checked = true;
		if (!named) for (const b of boxes()) b.checked = d.to.includes(b.value) || "must" in b.dataset;
		limit(this.form);
		this.show();
		$("drafts").hidden = true;
		this.form.querySelector<HTMLElement>("[data-field] input, [data-field] textarea, [data-field] select")?.focus();
	}
	/* A correction starts from what it corrects; an acceptance from what it accepts. */
	private async prefill(): Promise<void> {
		const url = new URL(location.href);
		url.searchParams.set("format", "json");
		const j = await (await fetch(url)).json() as
			{ amends?: { body: Record<string, unknown> } | null; prefill?: Record<string, unknown> | null };
		const body = j.amends?.body ?? j.prefill;
		if (body) writeForm(this.form, body);
		this.show();
	}
	private async submit(): Promise<void> {
		const form = this.form, d = form.dataset, button = form.querySelector<HTMLButtonElement>("[type=submit]")!;
		clear(form);
		await asked;
		const [body, faults] = check(form);
		if (faults.length) return showFaults(faults);
		button.disabled = true;
		$("progress").textContent = word("signing");
		const to = audience(form);
		try {
			/* `after` is what the officer saw, so not what has come since. */
			const receipt = await postAct({ kind: d.kind!, matter: d.matter || undefined, procedure: d.procedure || undefined,
				conference: conferenceOf()?.value || undefined, to, after: d.after!.split(" ").filter(Boolean),
				answers: answersOf()?.value || undefined, amends: d.amends || undefined, body },
			{ kind: document.querySelector("h1")?.textContent ?? undefined, matter: d.cite || undefined,
				answers: answersOf()?.selectedOptions[0]?.textContent ?? undefined,
				to: typeof to === "string" ? undefined : to.map(partyName).join(", "), part: (path, v) => partOf(form, path, v) });
			this.drafts.drop(this.drafts.id);
			window.clearTimeout(this.timer);
			$("progress").textContent = word("done", receipt.cite);
			location.assign(`/matters/${d.cite ? `${d.cite}#` : ""}${receipt.cite}`);
		} catch (e) {
			this.refused(e as Refused);
			button.disabled = false;
		}
	}
	private refused(e: Refused): void {
		const field = typeof e.where === "string" ? fieldAt(this.form, e.where) : null;
		$("progress").textContent = "";
		if (e.code === "cancelled") return;
		const at = field?.querySelector<HTMLElement>("[data-part]:not([type=hidden]), input") ?? field;
		if (field && at) showFaults([{ at, field, text: word("server") }], e.message);
		else showFaults([], e.message);
	}
}

const form = document.getElementById("act-form") as HTMLFormElement | null;
if (form) new Page(form).start();
