/* Drafts: kept in this browser alone, by officer, kind and matter; several of
 * one kind.  Nothing of them is sent before it is signed. */

export interface Draft { saved: string; to: string[]; conference: string; answers: string; body: Record<string, unknown> }

const MAX = 50;

export class Drafts {
	private head: string;
	id: string;
	constructor(kind: string, matter: string) {
		this.head = `draft:${document.body.dataset.key ?? ""}:${kind}:${matter}:`;
		this.id = this.fresh();
	}
	private fresh(): string {
		return [...crypto.getRandomValues(new Uint8Array(8))].map((b) => b.toString(16).padStart(2, "0")).join("");
	}
	/* Newest first; what does not parse is not ours. */
	list(): [string, Draft][] {
		const all: [string, Draft][] = [];
		try {
			for (const key of Object.keys(localStorage)) {
				if (!key.startsWith(this.head)) continue;
				try {
					const d = JSON.parse(localStorage.getItem(key) ?? "") as Draft;
					if (d.saved && d.body) all.push([key.slice(this.head.length), d]);
				} catch { /* another hand wrote it */ }
			}
		} catch { /* no storage: no drafts */ }
		return all.sort((a, b) => b[1].saved < a[1].saved ? -1 : 1);
	}
	/* false: the browser keeps nothing (full, or forbidden). */
	keep(d: Draft): boolean {
		try {
			localStorage.setItem(this.head + this.id, JSON.stringify(d));
			for (const [id] of this.list().slice(MAX)) this.drop(id);
			return true;
		} catch {
			return false;
		}
	}
	drop(id: string): void {
		try {
			localStorage.removeItem(this.head + id);
		} catch { /* nothing is kept anyway */ }
	}
}
