/* What is signed, shown before it is signed, signed, and posted. */
import { ask, bytes, held, hex, Held, Refused, sign } from "./key";
import { now } from "./time";

export interface ActFields {
	kind: string;
	matter?: string;
	procedure?: string;
	conference?: string;
	to: string | string[];
	after?: string[];
	answers?: string;
	amends?: string;
	body: object;
}
/* For the reader of what is signed: names in place of ids and codes.  `part`:
 * what a part of the body is called, and how its value reads. */
export interface ActWords {
	kind?: string;
	matter?: string;
	answers?: string;
	to?: string;
	part?: (path: string[], value: unknown) => [string, string];
}
export interface Receipt {
	cite: string;
	id: string;
	matter: string;
	state: string;
}

/* `code` is the rule that the act would break, else the kind of failure; the
 * message is in the reader's language. */
export class SignError extends Error {
	constructor(public code: string, text: string, public where: string | null = null) {
		super(text);
	}
}

const TYPE = "application/vnd.comity.act+json";

/* Base64, in parts: a call takes only so many arguments. */
function b64(b: Uint8Array): string {
	let s = "";
	for (let i = 0; i < b.length; i += 8192)
		s += String.fromCharCode(...b.subarray(i, i + 8192));
	return btoa(s);
}

/* docs/format/act.md, section 2: the fields in their order, without space. */
export function payloadOf(f: ActFields, party: string, at: Date, salt: Uint8Array): string {
	return JSON.stringify({
		comity: 1, kind: f.kind, party, matter: f.matter, procedure: f.procedure,
		conference: f.conference, to: f.to, at: at.toISOString(),
		after: f.after?.length ? f.after : undefined, answers: f.answers, amends: f.amends,
		body: f.body, salt: hex(salt),
	});
}

/* docs/format/act.md, section 1. */
export function paeOf(payload: Uint8Array): Uint8Array<ArrayBuffer> {
	const head = bytes(`DSSEv1 ${TYPE.length} ${TYPE} ${payload.length} `);
	const all = new Uint8Array(head.length + payload.length);
	all.set(head);
	all.set(payload, head.length);
	return all;
}

export async function signatureOf(h: Held, payload: Uint8Array): Promise<{ keyid: string; sig: string }> {
	return { keyid: h.key, sig: b64(new Uint8Array(await sign(h, paeOf(payload)))) };
}

/* ---- words ---- */

const words = (): DocumentFragment | undefined =>
	document.querySelector<HTMLTemplateElement>("#signing")?.content;
const word = (name: string): string | undefined =>
	words()?.querySelector(`[data-word="${name}"]`)?.textContent ?? undefined;

export function errorOf(e: unknown): SignError {
	if (e instanceof SignError)
		return e;
	if (e instanceof Refused) {
		const code = e.rule ?? e.code;
		return new SignError(code, word(code) ?? e.message, e.where);
	}
	return new SignError("offline", word("offline") ?? String(e));
}

/* ---- the page between wanting and signing ---- */

const plain = (path: string[], v: unknown): [string, string] =>
	[path.join(" · "), Array.isArray(v) ? v.join(", ") : String(v)];

function row(list: HTMLElement, name: string, text: string): void {
	const dt = document.createElement("dt"), dd = document.createElement("dd");
	dt.textContent = name;
	dd.className = "said";
	dd.textContent = text;
	list.append(dt, dd);
}

function rows(list: HTMLElement, path: string[], v: unknown, part: typeof plain): void {
	const inner = Array.isArray(v) ? v.some((x) => typeof x === "object") : v !== null && typeof v === "object";
	if (inner)
		Object.entries(v as object).forEach(([k, x]) => rows(list, [...path, k], x, part));
	else
		row(list, ...part(path, v));
}

function facts(list: HTMLElement, f: ActFields, at: string, say: ActWords): void {
	row(list, word("f-kind") ?? "kind", say.kind ? `${say.kind} (${f.kind})` : f.kind);
	if (f.matter)
		row(list, word("f-matter") ?? "matter", say.matter ?? f.matter);
	if (f.answers)
		row(list, word("f-answers") ?? "answers", say.answers ?? f.answers);
	if (f.amends)
		row(list, word("f-amends") ?? "amends", f.amends);
	row(list, word("f-to") ?? "to", say.to ?? (typeof f.to === "string" ? word(f.to) ?? f.to : f.to.join(", ")));
	row(list, word("f-at") ?? "at", at);
	for (const [k, v] of Object.entries(f.body))
		rows(list, [k], v, say.part ?? plain);
}

/* Show exactly the bytes; true where the officer signs. */
async function consent(payload: string, h: Held, fill: (list: HTMLElement) => void): Promise<boolean> {
	const dialog = words()?.querySelector("dialog")?.cloneNode(true) as HTMLDialogElement | undefined;
	if (!dialog)
		return false;
	const at = (name: string) => dialog.querySelector<HTMLElement>(`[data-put="${name}"]`)!;
	at("payload").textContent = payload;
	at("id").textContent = hex(await crypto.subtle.digest("SHA-256", bytes(payload)));
	at("key").textContent = h.key;
	fill(at("facts"));
	document.body.append(dialog);
	dialog.showModal();
	return new Promise((ok) => {
		dialog.addEventListener("close", () => {
			ok(dialog.returnValue === "sign");
			dialog.remove();
		});
	});
}

async function heldOrFail(): Promise<Held> {
	const h = await held();
	if (!h)
		throw new SignError("no-key", word("no-key") ?? "no key");
	return h;
}

interface Waits { release: string; waits: boolean }

/* Show, sign and send the bytes of an act that another officer wrote. */
export async function signRelease(id: string, payload: string, say: ActWords): Promise<Receipt & Waits> {
	const h = await heldOrFail(), f = JSON.parse(payload) as ActFields & { at: string };
	if (hex(await crypto.subtle.digest("SHA-256", bytes(payload))) !== id)
		throw new SignError("corrupt", word("corrupt") ?? "");
	if (!await consent(payload, h, (list) => facts(list, f, f.at, say)))
		throw new SignError("cancelled", word("cancelled") ?? "");
	try {
		return await ask("POST", `/releases/${id}`, await signatureOf(h, bytes(payload)));
	} catch (e) {
		throw errorOf(e);
	}
}

/* Show, sign and post an act.  Where the party demands more signatures, it
 * waits for them at the node, and the reader is taken to where it waits. */
export async function postAct(f: ActFields, say: ActWords = {}): Promise<Receipt> {
	const h = await heldOrFail(), at = new Date(now()); /* a browser's clock may be wrong */
	const salt = crypto.getRandomValues(new Uint8Array(16));
	const payload = payloadOf(f, document.body.dataset.party ?? "", at, salt), raw = bytes(payload);
	if (!await consent(payload, h, (list) => facts(list, f, at.toISOString(), say)))
		throw new SignError("cancelled", word("cancelled") ?? "");
	const envelope = { payload: b64(raw), payloadType: TYPE, signatures: [await signatureOf(h, raw)] };
	try {
		return await ask<Receipt>("POST", "/acts", envelope);
	} catch (e) {
		if (!(e instanceof Refused) || e.rule !== "too-few-signatures")
			throw errorOf(e);
	}
	try {
		const w = await ask<Receipt & Waits>("POST", "/releases", envelope);
		if (!w.waits)
			return w;
		location.assign(`/releases/${w.release}`);
	} catch (e) {
		throw errorOf(e);
	}
	return new Promise(() => undefined); /* the page is left */
}
