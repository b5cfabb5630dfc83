/* The officer's key in this browser, and signing in with it.  The key is made
 * here, cannot be taken out, and stands in this site's own storage. */
export interface Held {
	pair: CryptoKeyPair;
	key: string; /* the public half, in hex */
	name: string;
}
export interface Standing { /* of a key, as the node knows it */
	key: string;
	state: "unknown" | "waiting" | "granted" | "ended";
	officer: string | null;
	words: string;
}

export const hex = (b: ArrayBuffer | Uint8Array): string =>
	Array.from(new Uint8Array(b), (x) => x.toString(16).padStart(2, "0")).join("");
export const bytes = (s: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(s) as Uint8Array<ArrayBuffer>;

/* ---- the browser's storage ---- */

function store<T>(mode: IDBTransactionMode, act: (s: IDBObjectStore) => IDBRequest<T>): Promise<T> {
	return new Promise((ok, fail) => {
		const open = indexedDB.open("comity", 1);
		open.onupgradeneeded = () => open.result.createObjectStore("key");
		open.onerror = () => fail(open.error);
		open.onsuccess = () => {
			const t = open.result.transaction("key", mode), r = act(t.objectStore("key"));
			t.oncomplete = () => { open.result.close(); ok(r.result); };
			t.onabort = () => { open.result.close(); fail(t.error); };
		};
	});
}

export const held = async (): Promise<Held | undefined> =>
	store("readonly", (s) => s.get("officer")).catch(() => undefined);
export const forget = (): Promise<undefined> => store("readwrite", (s) => s.delete("officer"));

/* Not from a page that came without TLS, and not in an older browser. */
export async function canSign(): Promise<boolean> {
	if (!window.isSecureContext || !crypto.subtle || !window.indexedDB)
		return false;
	try {
		await crypto.subtle.generateKey("Ed25519", false, ["sign"]);
		return true;
	} catch {
		return false;
	}
}

export async function makeKey(name: string): Promise<Held> {
	const pair = await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"]) as CryptoKeyPair;
	const h = { pair, key: hex(await crypto.subtle.exportKey("raw", pair.publicKey)), name };
	await store("readwrite", (s) => s.put(h, "officer"));
	await navigator.storage?.persist?.().catch(() => false); /* may be refused */
	return h;
}

export const sign = (h: Held, what: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer> =>
	crypto.subtle.sign("Ed25519", h.pair.privateKey, what);

/* ---- asking the node ---- */

/* What the node refuses: its code, and for acts the rule that they break. */
export class Refused extends Error {
	constructor(public status: number, public code: string, text: string,
	    public rule: string | null, public where: string | null) {
		super(text);
	}
}

async function once(method: string, path: string, body?: unknown): Promise<Response> {
	return fetch(path, {
		method, credentials: "same-origin",
		headers: { Accept: "application/json", ...(body === undefined ? {} : { "Content-Type": "application/json" }) },
		body: body === undefined ? undefined : JSON.stringify(body),
	});
}

/* One request.  A session that has ended is begun again, once. */
export async function ask<T>(method: string, path: string, body?: unknown): Promise<T> {
	let r = await once(method, path, body);
	if (r.status === 401 && path !== "/session" && !isOut() && await signIn())
		r = await once(method, path, body);
	const j = await r.json().catch(() => null);
	if (!r.ok)
		throw new Refused(r.status, j?.code ?? "io", j?.error ?? `HTTP ${r.status}`, j?.rule ?? null, j?.where ?? null);
	return j as T;
}

export const standing = (key: string): Promise<Standing> => ask("GET", `/enrolments/${key}`);

/* Sign the node's challenge, if it is of this very site, with the key that is
 * here.  false: there is none, or it has no mandate. */
export async function signIn(): Promise<boolean> {
	const h = await held();
	if (!h)
		return false;
	try {
		const origin = encodeURIComponent(location.origin);
		const { challenge } = await ask<{ challenge: string }>("GET", `/challenge?origin=${origin}`);
		const line = challenge.split("\n");
		if (line[0] !== "comity sign-in 1" || line[1] !== location.origin)
			return false;
		const signature = hex(await sign(h, bytes(challenge)));
		await ask("POST", "/session", { key: h.key, challenge, signature });
		return true;
	} catch {
		return false;
	}
}

/* Who signed out is not signed in again by a page that is still open. */
const OUT = "comity-out";
export function isOut(out?: boolean): boolean {
	try {
		if (out !== undefined) localStorage.setItem(OUT, out ? "1" : "");
		return localStorage.getItem(OUT) === "1";
	} catch {
		return false;
	}
}

export async function signOut(everywhere: boolean): Promise<void> {
	isOut(true);
	await once("DELETE", everywhere ? "/session?all=1" : "/session");
	location.assign("/sign-in");
}

/* ---- the page ---- */

/* Where to go on after signing in: a path of ours, nothing else. */
function next(): string {
	const to = new URLSearchParams(location.search).get("to") ?? "";
	return /^\/(?![/\\])/.test(to) ? to : "/board";
}
const show = (box: HTMLElement, name: string, on = true): void =>
	box.querySelectorAll<HTMLElement>(`[data-when~="${name}"]`).forEach((e) => { e.hidden = !on; });
const put = (box: HTMLElement, name: string, text: string): void =>
	box.querySelectorAll(`[data-put="${name}"]`).forEach((e) => { e.textContent = text; });
export const page = { show, put, next };

async function signInPage(box: HTMLElement): Promise<void> {
	const press = (name: string, act: () => Promise<unknown>) =>
		box.querySelector(`[data-do="${name}"]`)?.addEventListener("click", () => void act());
	const go = async () => { isOut(false); if (await signIn()) location.assign(next()); else show(box, "refused"); };
	press("in", go);
	press("out", () => signOut(false));
	press("out-all", () => signOut(true));
	if (!await canSign())
		return show(box, "unable");
	const h = await held();
	if (!h)
		return show(box, "none");
	const s = await standing(h.key);
	put(box, "name", s.officer ?? h.name);
	put(box, "key", h.key);
	put(box, "words", s.words);
	show(box, "held");
	show(box, s.state);
	if (s.state === "granted" && !document.body.dataset.key) {
		show(box, "ready");
		if (new URLSearchParams(location.search).has("to") && !isOut())
			await go();
	}
}

const box = document.getElementById("sign-in");
if (box)
	signInPage(box).catch(() => show(box, "refused"));
