package node

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"pressroom/internal/report"
)

// Environment lets variables stand over the file that dst, a pointer to a struct, was
// filled from. PRESS_THEME_ACCENT fills the key accent of theme when the prefix is
// PRESS_; any key can be given, its value written as in the file, and an empty variable
// is none. In a group of free keys a word in capitals alone is taken as small letters.
// env are variables as os.Environ gives them.
//
// It returns the texts that problems of those values are to be shown in, by the name of
// the key at the top, and the problems: a variable of that prefix that no key knows is a
// warning only, since the environment belongs to others too. A value whose key is not
// known, or tagged `,secret`, is never shown.
func Environment(prefix, file string, env []string, dst any) (over map[string]report.Source, problems report.List) {
	over = map[string]report.Source{}
	t := reflect.TypeOf(dst).Elem()
	for _, pair := range env {
		name, value, _ := strings.Cut(pair, "=")
		word, ok := strings.CutPrefix(name, prefix)
		if !ok || value == "" {
			continue
		}
		words := strings.Split(word, "_")
		path, leaf, known := wayTo(t, words)
		src := report.Source{Path: "$" + name, Text: []byte(value)}
		if !known || leaf.secret {
			src.Text = nil
		}
		s := shapeOf(t)
		if _, ok := s.fields[string(fold(nil, path[0]))]; !ok {
			problems.Add(src.At(1, 1, 1, "environment", fmt.Sprintf("%s has no key for %s", file, name), report.DidYouMean(words[0], s.names)).Warn())
			continue
		}
		n := &Node{Pos: Pos{1, 1, len([]rune(value))}, Kind: Scalar, Text: value, Plain: true}
		// A list, a group or a text in quotes is read as YAML. Anything else stands as it
		// is: nobody quotes a # for YAML in a shell.
		if !leaf.secret && strings.ContainsRune("[{\"'", rune(value[0])) {
			line := []byte("value: " + value)
			root, bad := ParseYAML(report.Source{Path: src.Path, Text: line}, line, 1)
			if bad.HasErrors() {
				problems.Add(src.At(1, 1, n.Len, "environment", bad[0].Text, bad[0].Hint))
				continue
			}
			n = root.Get("value")
			shift(n, len("value: "))
		}
		for _, key := range slices.Backward(path) {
			n = &Node{Pos: n.Pos, Kind: Map, Map: []Entry{{Key: key, Pos: n.Pos, Value: n}}}
		}
		into := dst
		if !known { // to be told how it is wrong, and change nothing
			into = reflect.New(t).Interface()
		}
		d := Decoder{Source: src}
		d.Decode(n, into)
		problems.Add(d.Problems...)
		over[path[0]] = src
	}
	return over, problems
}

// wayTo finds the keys that the words of a variable name, from a struct type down. Words
// run together as far as they make a key: PASSWORD_FILE is passwordFile. What no key knows
// is returned as it was written, for the decoder to refuse.
func wayTo(t reflect.Type, words []string) (path []string, leaf field, known bool) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case len(words) == 0:
		return nil, field{}, true
	case t == nodeType.Elem() || t.Kind() == reflect.Interface:
		return words, field{}, true
	case t.Kind() == reflect.Map:
		first := words[0]
		if first == strings.ToUpper(first) {
			first = strings.ToLower(first)
		}
		rest, leaf, known := wayTo(t.Elem(), words[1:])
		return append([]string{first}, rest...), leaf, known
	case t.Kind() != reflect.Struct:
		return words, field{}, false
	}
	s := shapeOf(t)
	for n := len(words); n > 0; n-- {
		f, ok := s.fields[string(fold(nil, strings.Join(words[:n], "")))]
		if !ok {
			continue
		}
		rest, leaf, known := wayTo(t.FieldByIndex(f.index).Type, words[n:])
		if n == len(words) {
			leaf = f
		}
		return append([]string{s.names[f.at]}, rest...), leaf, known
	}
	return words, field{}, false
}

// shift moves the places of a value to the left: what stood before it is not the editor's.
func shift(n *Node, by int) {
	n.Col -= by
	for _, item := range n.List {
		shift(item, by)
	}
	for i := range n.Map {
		n.Map[i].Col -= by
		shift(n.Map[i].Value, by)
	}
}
