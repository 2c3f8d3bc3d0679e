package picture

import (
	"bytes"
	"encoding/xml"
	"strconv"
	"strings"
)

// readSVG takes width and height, else the view box. A drawing that carries a program
// is refused: on our own host it would run as ours.
func readSVG(data []byte) (Info, error) {
	d := xml.NewDecoder(bytes.NewReader(data))
	d.Strict = false
	i := Info{Format: "svg", Turn: 1, Drawing: true}
	root := true
	for {
		t, err := d.Token()
		if err != nil {
			break
		}
		e, ok := t.(xml.StartElement)
		if !ok {
			continue
		}
		if name := strings.ToLower(e.Name.Local); name == "script" || name == "foreignobject" {
			return i, wrong("export the drawing without programs", "a drawing with <%s> in it", name)
		}
		for _, a := range e.Attr {
			key := strings.ToLower(a.Name.Local)
			if strings.HasPrefix(key, "on") || strings.HasPrefix(strings.ToLower(strings.TrimSpace(a.Value)), "javascript:") {
				return i, wrong("export the drawing without programs", "a drawing with a script in %s", key)
			}
			if !root {
				continue
			}
			switch key {
			case "width":
				i.Width = pixels(a.Value)
			case "height":
				i.Height = pixels(a.Value)
			case "viewbox":
				if f := strings.Fields(strings.ReplaceAll(a.Value, ",", " ")); len(f) == 4 && i.Width == 0 && i.Height == 0 {
					i.Width, i.Height = pixels(f[2]), pixels(f[3])
				}
			}
		}
		root = false
	}
	if root {
		return i, wrong(exportAgain, "not a drawing")
	}
	return i, nil
}

func pixels(s string) int {
	f, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(s), "px"), 64)
	if err != nil || f < 0 || f > 1e6 {
		return 0
	}
	return int(f + 0.5)
}
