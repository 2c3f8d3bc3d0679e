package build

import (
	"io"
	"maps"
	"path"
	"slices"
	"strings"

	"pressroom/internal/asset"
	"pressroom/internal/config"
	"pressroom/internal/frame"
	"pressroom/internal/memo"
	"pressroom/internal/output"
	"pressroom/internal/report"
	"pressroom/internal/source"
)

// sheet is the stylesheet that takes the brand's colour in.
const sheet = "static/css/press.css"

// assets are the stylesheets and scripts of a site, ready for its pages.
type assets struct {
	styles, scripts map[string]frame.Asset // by name, as "press"
	files           []output.File
	own             map[string]bool // files of the theme alone, which stand nowhere else
}

// readAssets readies static/css/*.css and static/js/*.js.
func readAssets(files *source.Tree, in Input, cfg *config.Site, m *memo.Memo) (assets, report.List) {
	a := assets{styles: map[string]frame.Asset{}, scripts: map[string]frame.Asset{}, own: map[string]bool{}}
	var problems report.List
	for _, dir := range []string{"static/css", "static/js"} {
		to := a.styles
		if dir == "static/js" {
			to = a.scripts
		}
		for _, f := range files.Under(dir) {
			name := path.Base(f.Path)
			if path.Dir(f.Path) != dir || path.Ext(name) != "."+path.Base(dir) {
				continue
			}
			brand := ""
			if f.Path == sheet {
				brand = brandRules(cfg.Theme.Accent)
			}
			key, err := f.Key()
			made, more := asset.File{}, report.List(nil)
			if err == nil {
				made, more = memo.Do(m, "asset "+f.Path, memo.Hash("asset", f.Path, key, brand), func() (asset.File, report.List) {
					var text []byte
					if text, err = f.Bytes(); err != nil {
						return asset.File{}, nil
					}
					return asset.Make(name, append(text, brand...)), nil
				})
			}
			problems.Add(more...)
			if err != nil {
				problems.Add(report.Problem{Path: f.Path, Name: "unreadable", Text: err.Error()})
				continue
			}
			to[strings.TrimSuffix(name, path.Ext(name))] = made.Asset
			a.own[f.Path] = in.Source.Get(f.Path) == nil
			a.files = append(a.files, output.File{Path: strings.TrimPrefix(made.URL, "/"), Key: memo.Of(made.Data), Write: func(w io.Writer) error {
				_, err := w.Write(made.Data)
				return err
			}})
		}
	}
	return a, problems
}

// brandRules are the rules for a colour; they stand outside the layers of the sheet, and so win.
func brandRules(accent string) string {
	if accent == "" {
		return ""
	}
	// The dark form keeps the hue and gains the light that small type on black needs.
	return "\n:root{--brand:" + accent + ";--brand-dark:color-mix(in oklab," + accent + ",#fff 55%)}\n"
}

// assets promises static/, and of content/ what open items show. What the theme brings
// stands under the names that its pages use; what the site has of its own stands under
// the editors' names too.
func (p *promiser) assets() {
	for _, f := range p.ready.files {
		p.add(f)
	}
	for _, f := range p.files.Under("static") {
		if !p.ready.own[f.Path] {
			p.asset(strings.TrimPrefix(f.Path, "static/"), f)
		}
	}
	shown := p.site.Assets()
	for _, at := range slices.Sorted(maps.Keys(shown)) {
		p.asset(at, shown[at])
	}
}

func (p *promiser) asset(at string, f *source.File) {
	key, err := f.Key()
	if err != nil {
		p.problems.Add(report.Problem{Path: f.Path, Name: "unreadable", Text: err.Error()})
		return
	}
	switch path.Ext(at) {
	case ".css", ".js":
		p.open(at, memo.Hash("minified", at, key), func(w io.Writer) error {
			text, err := f.Bytes()
			if err == nil {
				_, err = w.Write(asset.Shrink(at, text))
			}
			return err
		})
	case ".jpg", ".jpeg", ".png", ".webp", ".gif", ".avif":
		p.published(at, f, key)
	default:
		write := func(w io.Writer) error { _, err := f.WriteTo(w); return err }
		p.add(output.File{Path: at, Key: memo.Hash("copied", key), Write: write, Open: f.Open})
	}
}
