/* Files: sent to the node before the act that cites them is signed. */
import { word } from "./field";

const MAX = 64 * 1024 * 1024;
const under: Map<HTMLElement, XMLHttpRequest> = new Map();

export const isUploading = (): boolean => under.size > 0;

const part = <T extends HTMLElement>(item: HTMLElement, what: string): T => item.querySelector<T>(what)!;

function say(item: HTMLElement, text: string, wrong = false): void {
	const out = part(item, ".echo");
	out.textContent = text;
	out.classList.toggle("wrong", wrong);
}

function end(item: HTMLElement): void {
	under.delete(item);
	part(item, "progress").hidden = true;
	part(item, "[data-cancel]").hidden = true;
}

function thumb(item: HTMLElement, file: File): void {
	const img = part<HTMLImageElement>(item, ".thumb");
	if (img.src) URL.revokeObjectURL(img.src);
	img.hidden = !/^image\/(png|jpeg|gif|webp)$/.test(file.type);
	if (!img.hidden) img.src = URL.createObjectURL(file);
	else img.removeAttribute("src");
}

function answer(item: HTMLElement, x: XMLHttpRequest, file: File): void {
	end(item);
	let got: { sha256?: string; name?: string; type?: string; size?: number; error?: string } = {};
	try {
		got = JSON.parse(x.responseText);
	} catch { /* said below */ }
	if (x.status >= 300 || !got.sha256)
		return say(item, word("failed", got.error ?? x.status), true);
	const value = part<HTMLInputElement>(item, "[data-kind=file]");
	value.value = JSON.stringify({ sha256: got.sha256, name: got.name ?? file.name, type: got.type ?? "application/octet-stream", size: got.size ?? file.size });
	say(item, word("sent", got.name ?? file.name));
	value.dispatchEvent(new Event("input", { bubbles: true }));
}

function send(item: HTMLElement, file: File): void {
	const x = new XMLHttpRequest(), bar = part<HTMLProgressElement>(item, "progress");
	under.get(item)?.abort();
	part<HTMLInputElement>(item, "[data-kind=file]").value = "";
	thumb(item, file);
	if (file.size > MAX || file.size === 0) return say(item, word("file", MAX / 1048576), true);
	under.set(item, x);
	bar.hidden = part(item, "[data-cancel]").hidden = false;
	say(item, word("sending", file.name));
	x.upload.onprogress = (e) => { bar.value = e.lengthComputable ? e.loaded / e.total : 0; };
	x.onload = () => answer(item, x, file);
	x.onerror = () => { end(item); say(item, word("failed", "-"), true); };
	x.onabort = () => { end(item); say(item, ""); };
	x.open("POST", `/files?name=${encodeURIComponent(file.name)}`);
	x.setRequestHeader("Content-Type", file.type || "application/octet-stream");
	x.setRequestHeader("Accept", "application/json");
	x.send(file);
}

export function watchFiles(form: HTMLElement): void {
	form.addEventListener("change", (e) => {
		const input = e.target as HTMLInputElement, item = input.closest<HTMLElement>(".item");
		if (item && input.type === "file" && input.files?.length) send(item, input.files[0]);
		/* A draft brings a file that was sent before. */
		if (item && input.dataset.kind === "file" && input.value && !under.has(item))
			say(item, word("sent", (JSON.parse(input.value) as { name: string }).name));
	});
	form.addEventListener("click", (e) => {
		const item = (e.target as HTMLElement).closest("[data-cancel]")?.closest<HTMLElement>(".item");
		if (!item) return;
		under.get(item)?.abort();
		part<HTMLInputElement>(item, "input[type=file]").value = "";
	});
}
