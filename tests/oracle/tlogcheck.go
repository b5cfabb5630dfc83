// tlogcheck verifies, independently of Comity's own code, a log that lies in a directory
// or is served over HTTP in the layout of c2sp.org/tlog-tiles. See README.md beside it.
package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func check(err error, format string, a ...interface{}) {
	if err != nil {
		fmt.Printf("tlogcheck: FAIL: %s: %v\n", fmt.Sprintf(format, a...), err)
		os.Exit(1)
	}
}

// cosigner is a note.Verifier for cosignature/v1 keys (type 0x04), which x/mod lacks.
type cosigner struct {
	name string
	id   uint32
	key  ed25519.PublicKey
}

func (c cosigner) Name() string    { return c.name }
func (c cosigner) KeyHash() uint32 { return c.id }
func (c cosigner) Verify(text, sig []byte) bool {
	if len(sig) != 8+64 || sig[0] > 0x7f {
		return false
	}
	msg := fmt.Sprintf("cosignature/v1\ntime %d\n%s", binary.BigEndian.Uint64(sig), text)
	return ed25519.Verify(c.key, []byte(msg), sig[8:])
}

func verifier(vkey string) (note.Verifier, error) {
	p := strings.SplitN(vkey, "+", 3)
	if len(p) != 3 {
		return nil, fmt.Errorf("malformed key")
	}
	k, err := base64.StdEncoding.DecodeString(p[2])
	if err != nil || len(k) != 33 || k[0] != 4 {
		return note.NewVerifier(vkey)
	}
	h := sha256.Sum256(append([]byte(p[0]+"\n"), k...))
	if p[1] != fmt.Sprintf("%x", h[:4]) {
		return nil, fmt.Errorf("key id does not fit the key")
	}
	return cosigner{p[0], binary.BigEndian.Uint32(h[:4]), k[1:]}, nil
}

// checkpoint opens a signed checkpoint, strictly; every key in want has to have signed it.
func checkpoint(data []byte, origin string, want []note.Verifier) (t tlog.Tree, err error) {
	n, err := note.Open(data, note.VerifierList(want...))
	if err != nil {
		return t, err
	}
	if len(n.Sigs) != len(want) { // Open lists each known key at most once
		return t, fmt.Errorf("%d of %d wanted signatures", len(n.Sigs), len(want))
	}
	f := strings.Split(n.Text, "\n") // the last is empty
	if len(f) < 4 || f[0] != origin || strings.Contains("\n"+n.Text, "\n\n") {
		return t, fmt.Errorf("wrong origin or lines")
	}
	t.N, err = strconv.ParseInt(f[1], 10, 64)
	h, err2 := tlog.ParseHash(f[2])
	if err != nil || err2 != nil || t.N < 0 || strconv.FormatInt(t.N, 10) != f[1] || h.String() != f[2] {
		return t, fmt.Errorf("malformed size or root")
	}
	t.Hash = h
	if t.N == 0 && t.Hash != tlog.Hash(sha256.Sum256(nil)) {
		return t, fmt.Errorf("the empty tree has another root")
	}
	return t, nil
}

// source reads the log's files; it is a tlog.TileReader of height 8.
type source struct {
	base  string
	cache map[string][]byte
}

func (s *source) get(path string) (d []byte, err error) {
	if d, ok := s.cache[path]; ok {
		return d, nil
	}
	if !strings.HasPrefix(s.base, "http://") {
		d, err = os.ReadFile(filepath.Join(s.base, path))
	} else {
		c := http.Client{Timeout: 30 * time.Second}
		r, e := c.Get(s.base + "/" + path)
		if e != nil {
			return nil, e
		}
		defer r.Body.Close()
		want := map[bool]string{true: "text/plain; charset=utf-8", false: "application/octet-stream"}[path == "checkpoint"]
		if ct := r.Header.Get("Content-Type"); r.StatusCode != 200 || ct != want {
			return nil, fmt.Errorf("%s: status %d, Content-Type %q (want %q)", path, r.StatusCode, ct, want)
		}
		d, err = io.ReadAll(io.LimitReader(r.Body, 256*65537+1))
	}
	if err == nil {
		s.cache[path] = d
	}
	return d, err
}

// path turns Go's tile/8/<L>/<N> into tlog-tiles' tile/<L>/<N>, and data into entries.
func path(t tlog.Tile) string {
	p := strings.TrimPrefix(t.Path(), "tile/8/")
	if t.L == -1 {
		p = "entries" + strings.TrimPrefix(p, "data")
	}
	return "tile/" + p
}

func (s *source) Height() int                                { return 8 }
func (s *source) SaveTiles(tiles []tlog.Tile, data [][]byte) {}
func (s *source) ReadTiles(tiles []tlog.Tile) (out [][]byte, err error) {
	for _, t := range tiles {
		d, err := s.get(path(t))
		if err == nil && len(d) != t.W*tlog.HashSize {
			err = fmt.Errorf("%s: %d bytes, want %d", path(t), len(d), t.W*tlog.HashSize)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	return out, nil
}

// row lists the tiles of level l (-1: entry bundles) in a tree of n entries.
func row(l int, n int64) (ts []tlog.Tile) {
	if l > 0 {
		n >>= 8 * uint(l)
	}
	for k := int64(0); k*256 < n; k++ {
		t := tlog.Tile{H: 8, L: l, N: k, W: 256}
		if n-k*256 < 256 {
			t.W = int(n - k*256)
		}
		ts = append(ts, t)
	}
	return ts
}

func main() {
	var logKeys, cosigners []note.Verifier
	var olds []string
	keyFlag := func(to *[]note.Verifier) func(string) error {
		return func(s string) error { v, err := verifier(s); *to = append(*to, v); return err }
	}
	flag.Func("vkey", "the log's verifier key; every one given has to have signed (repeatable)", keyFlag(&logKeys))
	flag.Func("cosigner", "key of a cosigner that has to have cosigned the current checkpoint (repeatable)", keyFlag(&cosigners))
	flag.Func("old", "file with an older checkpoint (repeatable)", func(s string) error { olds = append(olds, s); return nil })
	origin := flag.String("origin", "", "origin line (default: the name in the first -vkey)")
	entry := flag.Int("entry", -1, "if not negative, every entry has to have this many bytes")
	step := flag.Int64("step", 1, "check the inclusion proof of every step-th entry, and of the last")
	flag.Parse()
	if flag.NArg() != 1 || len(logKeys) == 0 || *step < 1 {
		fmt.Fprintln(os.Stderr, "usage: tlogcheck -vkey KEY [-origin O] [-cosigner KEY]... [-old FILE]... [-entry BYTES] [-step N] DIRECTORY|URL")
		os.Exit(2)
	}
	if *origin == "" {
		*origin = logKeys[0].Name()
	}
	s := &source{strings.TrimSuffix(flag.Arg(0), "/"), map[string][]byte{}}
	data, err := s.get("checkpoint")
	check(err, "checkpoint")
	tree, err := checkpoint(data, *origin, append(append([]note.Verifier{}, logKeys...), cosigners...))
	check(err, "checkpoint")

	var mem []tlog.Hash // all hashes of the tree, recomputed from the entries alone
	reader := tlog.HashReaderFunc(func(ix []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(ix))
		for i, x := range ix {
			out[i] = mem[x]
		}
		return out, nil
	})
	for _, t := range row(-1, tree.N) {
		d, err := s.get(path(t))
		check(err, "entries")
		for i := t.N * 256; i < t.N*256+int64(t.W); i++ {
			n := -1
			if len(d) >= 2 {
				n = int(binary.BigEndian.Uint16(d))
			}
			if n < 0 || len(d) < 2+n || *entry >= 0 && n != *entry {
				check(fmt.Errorf("entry %d is cut short or has a wrong length", i), "%s", path(t))
			}
			h, err := tlog.StoredHashes(i, d[2:2+n], reader)
			check(err, "entry %d", i)
			mem, d = append(mem, h...), d[2+n:]
		}
		if len(d) != 0 {
			check(fmt.Errorf("%d bytes left over", len(d)), "%s", path(t))
		}
	}
	if root, err := tlog.TreeHash(tree.N, reader); tree.N > 0 && (err != nil || root != tree.Hash) {
		check(fmt.Errorf("they give the root %v, the checkpoint has %v", root, tree.Hash), "entries")
	}
	tiles, proofs := 0, 0
	r := tlog.TileHashReader(tree, s)
	for l := 0; tree.N>>(8*uint(l)) > 0; l++ { // every hash tile, authenticated against the root
		for _, t := range row(l, tree.N) {
			d, err := tlog.ReadTileData(t, r)
			check(err, "%s", path(t))
			// x/mod 0.7 does not hold every tile against its parent (where two
			// peaks of the tree lie in one tile), so each is recomputed too.
			want, err := tlog.ReadTileData(t, reader)
			if err != nil || string(d) != string(want) {
				check(fmt.Errorf("not the hashes of the entries"), "%s", path(t))
			}
			tiles++
		}
	}
	for i := int64(0); i < tree.N; i++ { // inclusion
		if i%*step == 0 || i == tree.N-1 {
			p, err := tlog.ProveRecord(tree.N, i, r)
			check(err, "proof of entry %d", i)
			check(tlog.CheckRecord(p, tree.N, tree.Hash, i, mem[tlog.StoredHashIndex(0, i)]), "inclusion of entry %d", i)
			proofs++
		}
	}
	for _, f := range olds {
		data, err := os.ReadFile(f)
		check(err, "old checkpoint")
		old, err := checkpoint(data, *origin, logKeys)
		check(err, "%s", f)
		if old.N > tree.N {
			check(fmt.Errorf("size %d, but the log has only %d: it went back", old.N, tree.N), "%s", f)
		}
		if old.N > 0 { // anything extends the empty tree
			p, err := tlog.ProveTree(tree.N, old.N, r)
			check(err, "%s", f)
			check(tlog.CheckTree(p, tree.N, tree.Hash, old.N, old.Hash), "%s: fork: the log does not extend it", f)
		}
	}
	fmt.Printf("tlogcheck: ok: %s size %d root %v: %d tiles, %d inclusion proofs, %d cosigners, %d older checkpoints\n",
		*origin, tree.N, tree.Hash, tiles, proofs, len(cosigners), len(olds))
}
