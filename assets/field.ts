/* A field of a form: its controls to a value as procedures want it
 * (docs/procedures.md, section 4), and back.  A control says by data-part where
 * in the value it stands and by data-kind how it is written. */

import { now } from "./time";

export interface Fault { at: HTMLElement; field: HTMLElement; text: string }
type Control = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;
type Value = unknown;

class Wrong extends Error {}

export function word(name: string, ...put: (string | number)[]): string {
	const t = document.querySelector<HTMLTemplateElement>("#form-words");
	const s = t?.content.querySelector(`[data-word="${name}"]`)?.textContent ?? name;
	return put.reduce<string>((r, x, i) => r.replace(`{${i}}`, String(x)), s);
}
const fail = (name: string, ...put: (string | number)[]): never => {
	throw new Wrong(word(name, ...put));
};

/* ---- one control's text ---- */

const bytesOf = (s: string): number => new TextEncoder().encode(s).length;
const LIMIT = 2 ** 53 - 1;

function bounds(c: HTMLElement): [number, number] {
	const f = c.closest<HTMLElement>(".field")?.dataset ?? {};
	const pick = (key: "min" | "max", usual: number): number =>
		Number(c.dataset[key] || f[key] || usual);
	return [pick("min", -LIMIT), pick("max", LIMIT)];
}

function within(n: number, c: HTMLElement): number {
	const [lo, hi] = bounds(c);
	return n >= lo && n <= hi ? n : fail("between", lo, hi);
}

function textOf(s: string, c: HTMLElement, usual: number): string {
	const max = Number(c.dataset.max || c.closest<HTMLElement>(".field")?.dataset.max || usual);
	return bytesOf(s) <= max ? s : fail("size", max);
}

const UNIT: Record<string, number> = { d: 864e5, h: 36e5, m: 6e4, min: 6e4, s: 1e3 };
/* "2h 30m", "PT2H30M": milliseconds. */
function spanOf(s: string): number | null {
	const t = s.toLowerCase().replace(/^p|t|\s/g, "");
	if (!/^(\d+(\.\d+)?(d|h|min|m|s))+$/.test(t)) return null;
	let sum = 0;
	for (const m of t.matchAll(/(\d+(?:\.\d+)?)(d|h|min|m|s)/g))
		sum += Number(m[1]) * UNIT[m[2]];
	return sum;
}

const PRECISION = ["year", "month", "day", "hour", "minute", "second"];
const TIME = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:[T ]+(\d\d)(?::(\d\d)(?::(\d\d(?:\.\d{1,6})?))?)?)?)?)?\s*(?:Z|UTC)?$/i;

/* A time as it is written, to the text of a record: always UTC. */
export function timeOf(s: string): string | null {
	const moving = /^([+-])\s*(.+)$/.exec(s);
	const span = s === "now" ? 0 : moving && spanOf(moving[2]);
	if (span !== null)
		return new Date(now() + (moving?.[1] === "-" ? -span : span))
			.toISOString().replace(/\.\d+/, "");
	if (/^\d\d:\d\d(\s*(Z|UTC))?$/i.test(s))
		s = `${new Date(now()).toISOString().slice(0, 10)} ${s}`;
	const m = TIME.exec(s);
	if (!m) return null;
	const [, y, mo, d, h, mi, sec] = m;
	const full = `${y}-${mo ?? "01"}-${d ?? "01"}T${h ?? "00"}:${mi ?? "00"}:${sec ?? "00"}Z`;
	const at = new Date(full);
	if (isNaN(at.getTime()) || at.toISOString().slice(0, 10) !== full.slice(0, 10)) return null;
	if (h === undefined) return [y, mo, d].filter(Boolean).join("-");
	return `${y}-${mo}-${d}T${h}${mi === undefined ? "" : `:${mi}`}${sec === undefined ? "" : `:${sec}`}Z`;
}

function precisionOf(time: string): number {
	return time.includes("T") ? 2 + time.split(":").length : time.split("-").length - 1;
}

function asTime(s: string, c: HTMLElement): string {
	const t = timeOf(s) ?? fail("time");
	const want = c.closest<HTMLElement>(".field")?.dataset.precision || "minute";
	return precisionOf(t) >= PRECISION.indexOf(want) ? t : fail("precision");
}

function asNumber(s: string, c: HTMLElement): number {
	return /^[+-]?\d+(\.\d+)?$/.test(s) ? within(Number(s), c) : fail("decimal");
}

/* "30 12.5 N" and "30.2" are one. */
function asDegrees(s: string, c: HTMLElement): number {
	const m = /^([+-]?)(\d+(?:\.\d+)?)(?:[°\s]+(\d+(?:\.\d+)?)['′\s]*(?:(\d+(?:\.\d+)?)["″\s]*)?)?\s*°?\s*([NSEW]?)$/i.exec(s);
	if (!m) return fail("decimal");
	const n = Number(m[2]) + Number(m[3] ?? 0) / 60 + Number(m[4] ?? 0) / 3600;
	return within(Number((m[1] === "-" || /[SW]/i.test(m[5]) ? -n : n).toFixed(6)), c);
}

function asNames(s: string): Record<string, string> {
	const all: Record<string, string> = {};
	for (const line of s.split("\n").filter((x) => x.trim())) {
		const m = /^\s*([A-Za-z][A-Za-z0-9-]*)\s*[:：]\s*(.+?)\s*$/.exec(line);
		if (!m) return fail("names");
		all[m[1]] = m[2];
	}
	return all;
}

function asPoints(s: string, c: HTMLElement): number[][] {
	const all = s.split("\n").filter((x) => x.trim()).map((line) => {
		const p = line.split(/[,;\s]+/).filter(Boolean).map((x) => /^[+-]?\d+(\.\d+)?$/.test(x) ? Number(x) : NaN);
		return p.length === 2 && Math.abs(p[0]) <= 90 && Math.abs(p[1]) <= 180 ? p : fail("points");
	});
	return all.length >= 3 && all.length <= 1000 ? all : fail("points");
}

const CODE = /^[A-Z][A-Z0-9-]{1,15}$/;
const kinds: Record<string, (s: string, c: Control) => Value> = {
	code: (s) => s,
	flag: (s) => s === "true",
	line: (s, c) => /[\u0000-\u001f\u007f]/.test(s) ? fail("line") : textOf(s, c, 1000),
	long: (s, c) => textOf(s, c, 100000),
	integer: (s, c) => /^[+-]?\d+$/.test(s) ? within(Number(s), c) : fail("integer"),
	decimal: asNumber,
	degrees: asDegrees,
	time: asTime,
	duration: (s) => /^P/i.test(s) ? s.toUpperCase() : spanOf(s) ? `P${/d/.test(s) ? s.replace(/d.*/s, "D").trim() : ""}${/[hms]/.test(s) ? "T" + s.replace(/^.*d/s, "").replace(/\s|in/g, "").toUpperCase() : ""}` : fail("duration"),
	tag: (s) => /^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/.test(s) ? s : fail("tag"),
	party: (s) => CODE.test(s) ? s : fail("party"),
	codes: (s) => s.split(/[\s,]+/).filter(Boolean).map((x) => CODE.test(x) ? x : fail("party")),
	digest: (s) => /^[0-9a-f]{64}$/.test(s) ? s : fail("digest"),
	ref: (s, c) => /^[0-9a-f]{64}$/.test(s) ? s : c.dataset.cite === s && c.dataset.id ? c.dataset.id : fail("ref"),
	file: (s) => JSON.parse(s) as Value,
	names: asNames,
	points: asPoints,
};

function show(kind: string | undefined, v: Value): string {
	if (v === undefined || v === null) return "";
	if (kind === "file") return JSON.stringify(v);
	if (kind === "names" && typeof v === "object")
		return Object.entries(v).map(([k, x]) => `${k}: ${x}`).join("\n");
	if (kind === "points" && Array.isArray(v)) return v.map((p: Value) => Array.isArray(p) ? p.join(", ") : p).join("\n");
	return String(v);
}

/* ---- one value: the controls of an item ---- */

const own = <T extends HTMLElement>(field: HTMLElement, inside: HTMLElement, what: string): T[] =>
	[...inside.querySelectorAll<T>(what)].filter((x) => x.closest(".field") === field);
export const itemsOf = (field: HTMLElement): HTMLElement[] => own(field, field, ".item");
export const fieldsIn = (inside: HTMLElement): HTMLElement[] =>
	[...inside.querySelectorAll<HTMLElement>(".field[data-field]")]
		.filter((f) => f.parentElement?.closest(".field") === inside.closest(".field"));
const controls = (field: HTMLElement, item: HTMLElement): Control[] => own(field, item, "[data-part]");

/* `faults` NULL: for a draft, what cannot be read stands as it was written. */
function readItem(field: HTMLElement, item: HTMLElement, faults: Fault[] | null): Value {
	let all: Value = undefined;
	const put = (part: string, v: Value, list: boolean): void => {
		if (part === "") {
			all = list ? [...(all as Value[] ?? []), ...(Array.isArray(v) ? v : [v])] : v;
			return;
		}
		const [head, tail] = part.split(".");
		const map = (all ??= {}) as Record<string, Value>;
		if (tail) (map[head] = (map[head] ?? {}) as Record<string, Value>), (map[head] as Record<string, Value>)[tail] = v;
		else map[head] = v;
	};
	for (const c of controls(field, item)) {
		const s = c.dataset.kind === "long" ? c.value.replace(/\r/g, "") : c.value.trim();
		if (!s.trim() || (/radio|checkbox/.test(c.type) && !(c as HTMLInputElement).checked)) continue;
		try {
			if (!faults && (c.dataset.kind === "ref" || c.dataset.kind === "time"))
				put(c.dataset.part!, s, false);
			else
				put(c.dataset.part!, kinds[c.dataset.kind!](s, c), "list" in c.dataset);
		} catch (e) {
			put(c.dataset.part!, s, "list" in c.dataset);
			faults?.push({ at: c, field, text: (e as Error).message });
		}
	}
	return all;
}

type Map = Record<string, Value>;
/* What holds between the parts of a value. */
function checkItem(field: HTMLElement, item: HTMLElement, v: Value, faults: Fault[]): void {
	const map = v as Map, type = field.dataset.type!;
	const at = controls(field, item)[0] ?? field;
	const say = (name: string): void => void faults.push({ at, field, text: word(name) });
	if (type === "range" || type === "period" || type === "place") {
		const missing = controls(field, item).find((c) => !("may" in c.dataset) && !c.value.trim());
		if (missing) return void faults.push({ at: missing, field, text: word("part") });
	}
	if (type === "range" && (Number(map.low) > Number(map.high) ||
		(map.best !== undefined && (Number(map.best) < Number(map.low) || Number(map.best) > Number(map.high)))))
		say("order");
	if (type === "period" && Date.parse(String(map.start)) > Date.parse(String(map.end))) say("order");
	if (type === "area") {
		const circle = map.circle as Map | undefined;
		if (!circle === !map.polygon || (circle && Object.keys(circle).length < 3)) say("area");
		else if (map.lower !== undefined && map.upper !== undefined && Number(map.lower) > Number(map.upper)) say("order");
	}
}

/* ---- a field, a form ---- */

const isEmpty = (field: HTMLElement, v: Value): boolean =>
	v === undefined || (field.dataset.type === "texts" && !(v as Map).text) ||
	(field.dataset.type === "group" && !Object.keys(v as Map).length);

export function readField(field: HTMLElement, faults: Fault[] | null): Value {
	const got: Value[] = [], before = faults?.length ?? 0;
	for (const item of itemsOf(field)) {
		/* An empty group, or language, is none: its own faults do not count. */
		const here: Fault[] = [];
		const group = field.dataset.type === "group";
		const lax = group ? readForm(item, null) : readItem(field, item, null);
		if (isEmpty(field, lax)) continue;
		const v = !faults ? lax : group ? readForm(item, here) : readItem(field, item, here);
		if (faults && !group && !here.length) checkItem(field, item, v, here);
		faults?.push(...here);
		got.push(v);
	}
	if (faults && !got.length && !("optional" in field.dataset)) {
		const at = field.querySelector<HTMLElement>("[data-part]:not([type=hidden]), input, button") ?? field;
		faults.push({ at, field, text: word("required") });
	}
	if (faults && field.dataset.type === "texts" && before === faults.length) {
		const langs = got.map((x) => (x as Map).lang);
		const again = langs.findIndex((x, i) => langs.indexOf(x) < i || x === undefined);
		if (again >= 0)
			faults.push({ at: itemsOf(field)[again].querySelector("input")!, field, text: word(langs[again] ? "twice" : "tag") });
	}
	return !got.length ? undefined : "many" in field.dataset ? got : got[0];
}

export function readForm(inside: HTMLElement, faults: Fault[] | null): Map {
	const all: Map = {};
	for (const f of fieldsIn(inside)) {
		const v = readField(f, faults);
		if (v !== undefined) all[f.dataset.field!] = v;
	}
	return all;
}

function partOf(v: Value, part: string): Value {
	return part === "" ? v : part.split(".").reduce<Value>((x, k) => (x as Map | undefined)?.[k], v);
}

function writeItem(field: HTMLElement, item: HTMLElement, v: Value): void {
	const all = controls(field, item);
	const boxes = all.filter((c) => c.type === "checkbox").map((c) => c.value);
	for (const c of all) {
		const is = partOf(v, c.dataset.part!);
		if (c.dataset.kind === "codes") c.value = (Array.isArray(is) ? is : []).filter((x) => !boxes.includes(String(x))).join(", ");
		else if (c.type === "checkbox" || c.type === "radio")
			(c as HTMLInputElement).checked = Array.isArray(is) ? is.map(String).includes(c.value) : show("", is) === c.value;
		else c.value = show(c.dataset.kind, is);
		if (c.value) c.dispatchEvent(new Event("change", { bubbles: true }));
	}
}

export function writeForm(inside: HTMLElement, body: Map): void {
	for (const f of fieldsIn(inside)) {
		const v = body[f.dataset.field!];
		const list = "many" in f.dataset && Array.isArray(v) ? v : [v];
		if (v === undefined && f.dataset.type === "texts") continue;
		while (itemsOf(f).length > Math.max(1, list.length)) removeItem(itemsOf(f).pop()!);
		while (itemsOf(f).length < list.length) addItem(f);
		itemsOf(f).forEach((item, i) => f.dataset.type === "group"
			? writeForm(item, (list[i] ?? {}) as Map) : writeItem(f, item, list[i]));
	}
}

/* ---- several values ---- */

let made = 0;
/* A copy's ids are its own; what it names outside of itself stays. */
function renumber(copy: HTMLElement): void {
	const n = ++made, ids = new Set([...copy.querySelectorAll("[id]")].map((e) => e.id));
	for (const e of [copy, ...copy.querySelectorAll<HTMLElement>("*")])
		for (const name of ["id", "for", "name", "aria-labelledby", "aria-describedby"]) {
			const is = e.getAttribute(name);
			if (is) e.setAttribute(name, name === "name" ? `${is}-${n}`
				: is.split(" ").map((x) => ids.has(x) ? `${x}-${n}` : x).join(" "));
		}
}

function number(field: HTMLElement): void {
	const all = itemsOf(field);
	all.forEach((item, i) => own<HTMLButtonElement>(field, item, "[data-remove]").forEach((b) => {
		b.hidden = all.length < 2;
		b.setAttribute("aria-label", `${b.textContent}: ${field.dataset.title} ${i + 1}`);
	}));
}

export function addItem(field: HTMLElement): HTMLElement {
	const items = itemsOf(field), copy = items[0].cloneNode(true) as HTMLElement;
	for (const f of copy.querySelectorAll<HTMLElement>(".field")) itemsOf(f).slice(1).forEach((x) => x.remove());
	for (const c of copy.querySelectorAll<Control>("input, textarea, select")) {
		if (c.type === "checkbox" || c.type === "radio") (c as HTMLInputElement).checked = c.type === "radio" && c.value === "";
		else c.value = "";
		c.removeAttribute("aria-invalid");
	}
	for (const e of copy.querySelectorAll<HTMLElement>(".echo, .wrong")) e.textContent = "";
	for (const e of copy.querySelectorAll<HTMLElement>(".thumb, progress, [data-cancel]")) e.hidden = true;
	renumber(copy);
	items[items.length - 1].after(copy);
	number(field);
	return copy;
}

export function removeItem(item: HTMLElement): void {
	const field = item.closest<HTMLElement>(".field")!;
	item.remove();
	number(field);
}

/* The field that a JSON pointer into the body names. */
export function fieldAt(inside: HTMLElement, pointer: string): HTMLElement | null {
	let found: HTMLElement | null = null;
	for (const step of pointer.split("/").slice(1)) {
		const where: HTMLElement = found ? found : inside;
		const next: HTMLElement | undefined = /^\d+$/.test(step) ? undefined
			: fieldsIn(where.matches(".field") ? itemsOf(where)[0] : where).find((f) => f.dataset.field === step);
		if (/^\d+$/.test(step) && found) {
			const item = itemsOf(found)[Number(step)], rest = pointer.split(`/${step}/`)[1];
			return item && rest ? fieldAt(item, `/${rest}`) ?? found : found;
		}
		if (!next) return found;
		found = next;
	}
	return found;
}
