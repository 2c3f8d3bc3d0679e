//go:build measure

package search

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tdewolff/minify/v2"
	"github.com/tdewolff/minify/v2/js"
	"pressroom/internal/site"
)

var BIG = func() int { n := 2000; fmt.Sscan(os.Getenv("BIG"), &n); return n }()

func gz(b []byte) int {
	var o bytes.Buffer
	z := gzip.NewWriter(&o)
	z.Write(b)
	z.Close()
	return o.Len()
}

func TestBreakdown(t *testing.T) {
	src, _ := os.ReadFile("../../static/js/search.js")
	m := minify.New()
	m.AddFunc("js", js.Minify)
	script, _ := m.Bytes("js", bytes.Clone(src))
	t.Logf("script %d gz %d", len(script), gz(script))
	for _, n := range []int{2007, BIG} {
		r := rand.New(rand.NewPCG(1, uint64(n)))
		x := site.Searchable{Lang: "en"}
		for i := range n {
			x.Items = append(x.Items, zipfItem(r, i, n))
		}
		began := time.Now()
		ix := Make(x, nil)
		t.Log(time.Since(began))
		files := bytesOf(t, ix)
		kind := map[string]string{Manifest: "manifest"}
		var bk book
		json.Unmarshal(files[Manifest], &bk)
		for _, e := range bk.Segments {
			tot := 0
			for _, w := range split(e.Words) {
				kind[w+".bin"] = "words"
				tot += len(files[w+".bin"])
			}
			t.Logf("words: %d files %d bytes; contents gz %d, starts gz %d", len(split(e.Words)), tot, gz(encodeJSON(e.contents)), gz(encodeJSON(e.Starts)))
			kind[e.Known+".json"] = "known"
		}
		for f := range files {
			if kind[f] == "" {
				kind[f] = "docs"
			}
		}
		t.Logf("manifest gz %d, fresh words gz %d docs %d", gz(files[Manifest]), gz(encodeJSON(bk.Fresh.Words)), gz(encodeJSON(bk.Fresh.Documents)))
		dir := t.TempDir()
		for name, b := range files {
			os.WriteFile(filepath.Join(dir, name), b, 0o600)
		}
		type q struct {
			Name, Text string
			Chosen     map[string]string
		}
		qs := []q{{"rare", zipfWord(9000) + " ", nil}, {"two", zipfWord(300) + " " + zipfWord(900) + " ", nil}, {"stop", zipfWord(1) + " ", nil},
			{"stop+rare", zipfWord(1) + " " + zipfWord(9000) + " ", nil}, {"prefix", zipfWord(700)[:4], nil}, {"filter", zipfWord(300) + " ", map[string]string{"topic": "topic-3"}}, {"filter alone", "", map[string]string{"topic": "topic-3"}}}
		in, _ := json.Marshal(map[string]any{"src": string(src), "dir": dir, "asks": qs})
		cmd := exec.Command("node", "-e", `
		const fs = require("fs"), vm = require("vm"), { src, dir, asks } = JSON.parse(fs.readFileSync(0, "utf8"));
		const { open } = vm.runInThisContext(src + "\n;pressSearch");
		(async () => { const out = [];
			for (const a of asks) {
				const got = [];
				const engine = open(async (name) => (got.push(name), new Response(fs.readFileSync(dir + "/" + name))), "");
				const run = async () => { const { hits } = await engine.find(a.Text, { chosen: a.Chosen ?? {} }); await engine.documents(hits.slice(0, 6)); return hits.length; };
				const n = await run();
				const first = [...got];
				const times = []; for (let i = 0; i < 6; i++) { const t = performance.now(); await run(); times.push(performance.now() - t); }
				await engine.values(a.Text, a.Chosen ?? {});
				out.push({ name: a.Name, n, first, then: got.slice(first.length), warm: times.sort((a, b) => a - b)[2] });
			}
			console.log(JSON.stringify(out)); })();`)
		cmd.Stdin = bytes.NewReader(in)
		cmd.Stderr = os.Stderr
		outb, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		var outs []struct {
			Name        string
			N           int
			First, Then []string
			Warm        float64
		}
		json.Unmarshal(outb, &outs)
		for _, o := range outs {
			size := func(names []string) string {
				by, num, sum := map[string]int{}, map[string]int{}, gz(script)
				for _, f := range names {
					s := len(files[f])
					if !strings.HasSuffix(f, ".bin") {
						s = gz(files[f])
					}
					by[kind[f]] += s
					num[kind[f]]++
					sum += s
				}
				return fmt.Sprintf("%6.1f KB %d req %v %v", float64(sum)/1e3, len(names)+1, by, num)
			}
			t.Logf("%-12s %6d hits, warm %5.1f: %s; with counts %s", o.Name, o.N, o.Warm, size(o.First), size(append(o.First, o.Then...)))
		}
	}
}
