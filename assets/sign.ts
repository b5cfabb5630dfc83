/* What is signed, shown before it is signed, signed, and posted. */
import { ask, bytes, held, hex, Held, Refused, sign } from "./key";

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
/* For the reader of what is signed: names in place of ids. */
export interface ActWords {
	kind?: string;
	matter?: string;
	answers?: string;
	fields?: Record<string, string>;
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

function rows(list: HTMLElement, value: unknown, name: string): void {
	if (Array.isArray(value) && value.some((x) => typeof x === "object"))
		return value.forEach((x, i) => rows(list, x, `${name} ${i + 1}`));
	if (value !== null && typeof value === "object" && !Array.isArray(value))
		return Object.entries(value).forEach(([k, x]) => rows(list, x, name ? `${name} · ${k}` : k));
	const dt = document.createElement("dt"), dd = document.createElement("dd");
	dt.textContent = name;
	dd.className = "said";
	dd.textContent = Array.isArray(value) ? value.join(", ") : String(value);
	list.append(dt, dd);
}

const partyNames = (to: string | string[]): string =>
	typeof to === "string" ? word(to) ?? to : to.join(", ");

function facts(list: HTMLElement, f: ActFields, at: string, say: ActWords): void {
	rows(list, say.kind ? `${say.kind} (${f.kind})` : f.kind, word("f-kind") ?? "kind");
	if (f.matter)
		rows(list, say.matter ?? f.matter, word("f-matter") ?? "matter");
	if (f.answers)
		rows(list, say.answers ?? f.answers, word("f-answers") ?? "answers");
	if (f.amends)
		rows(list, f.amends, word("f-amends") ?? "amends");
	rows(list, partyNames(f.to), word("f-to") ?? "to");
	rows(list, at, word("f-at") ?? "at");
	for (const [k, v] of Object.entries(f.body))
		rows(list, v, say.fields?.[k] ?? k);
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
export async function signRelease(id: string, payload: string): Promise<Receipt & Waits> {
	const h = await heldOrFail(), f = JSON.parse(payload) as ActFields & { at: string };
	if (hex(await crypto.subtle.digest("SHA-256", bytes(payload))) !== id)
		throw new SignError("corrupt", word("corrupt") ?? "");
	if (!await consent(payload, h, (list) => facts(list, f, f.at, {})))
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
	const h = await heldOrFail(), at = new Date();
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
