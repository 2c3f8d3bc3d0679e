// Package command is what the command lines of this house have in common: verbs with
// flags and a page of help each, one voice for mistakes, and exit codes.
//
// In goes the command line; out comes the code to exit with. It prints help and errors and
// knows nothing of what a verb does. Only main exits.
package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"pressroom/internal/report"
)

// Exit codes, the same for every verb.
const (
	Fine    = 0
	Content = 1 // what was asked for was refused, or what was looked at is wrong
	Usage   = 2 // the call or the configuration is wrong
	World   = 3 // disk, network or another failure of the world
)

// Program is a command with verbs; O holds its flags.
type Program[O any] struct {
	Name  string
	About string // one sentence
	Verbs []*Verb[O]
	Codes string // what the exit codes mean, for the help
	Bare  string // the verb that runs when none is named; "" for the help
	// Spellings are other names of flags, by the name in small letters without hyphens.
	Spellings map[string]string
}

// Verb is one thing that a program does.
type Verb[O any] struct {
	Name    string
	Aliases []string
	Args    string // what follows the flags, for the usage line
	Short   string
	Long    string
	Flags   func(*pflag.FlagSet, *O)
	Run     func(*Call[O]) error
}

// Call is one run of a verb.
type Call[O any] struct {
	Ctx            context.Context
	Verb           *Verb[O]
	Flags          *pflag.FlagSet
	Options        O
	Args           []string
	Stdin          io.Reader
	Stdout, Stderr io.Writer

	program string
}

// UsageError is a call that cannot be carried out as it was given: exit code 2.
type UsageError struct{ Text, Hint string }

func (e UsageError) Error() string { return e.Text }

// Refusal is something that was asked for and must not or cannot be done: exit code 1.
type Refusal struct{ Text, Hint string }

func (e Refusal) Error() string { return e.Text }

// What has been told already, and only wants its exit code.
var (
	ErrContent = errors.New("problems were found")
	ErrConfig  = errors.New("the configuration is wrong")
)

// Surplus refuses an argument that the verb has no use for. A hint may say what was
// probably meant.
func (c *Call[O]) Surplus(arg string, hint ...string) error {
	if hint == nil {
		hint = []string{fmt.Sprintf(`"%s help %s" tells how it is called`, c.program, c.Verb.Name)}
	}
	return UsageError{fmt.Sprintf("%s takes no %q", c.Verb.Name, arg), hint[0]}
}

// Run carries out one command line and returns its exit code.
func (p *Program[O]) Run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	err := p.dispatch(ctx, args, stdin, stdout, stderr)
	var usage UsageError
	var refusal Refusal
	tell := func(text, hint string) {
		fmt.Fprintf(stderr, "%s: %s\n", p.Name, text)
		if hint != "" {
			fmt.Fprintf(stderr, "    hint: %s\n", hint)
		}
	}
	switch {
	case err == nil:
		return Fine
	case errors.Is(err, ErrContent):
		return Content
	case errors.Is(err, ErrConfig):
		return Usage
	case errors.As(err, &usage):
		tell(usage.Text, usage.Hint)
		return Usage
	case errors.As(err, &refusal):
		tell(refusal.Text, refusal.Hint)
		return Content
	}
	tell(err.Error(), "")
	return World
}

func (p *Program[O]) dispatch(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	name, rest := p.Bare, args
	if len(args) > 0 && (!strings.HasPrefix(args[0], "-") || p.Bare == "") {
		name, rest = args[0], args[1:]
	}
	switch {
	case name == "help":
		return p.help(rest, stdout)
	case len(args) == 0 && p.Bare == "" || len(args) > 0 && slices.Contains([]string{"-h", "--help", "-help"}, args[0]):
		return p.help(nil, stdout)
	case strings.HasPrefix(name, "-"):
		return UsageError{fmt.Sprintf("a command comes before %s", name), fmt.Sprintf(`"%s help" lists them`, p.Name)}
	}
	v, err := p.known(name)
	if err != nil {
		return err
	}
	c := &Call[O]{Ctx: ctx, Verb: v, Stdin: stdin, Stdout: stdout, Stderr: stderr, program: p.Name}
	c.Flags = p.flagSet(v, &c.Options)
	if err := c.Flags.Parse(rest); err != nil {
		if errors.Is(err, pflag.ErrHelp) {
			return p.help([]string{v.Name}, stdout)
		}
		return p.flagError(c.Flags, err)
	}
	c.Args = c.Flags.Args()
	if len(rest) == len(args) && len(c.Args) > 0 && p.find(c.Args[0]) != nil {
		return UsageError{fmt.Sprintf("the command %q stands behind its flags", c.Args[0]), fmt.Sprintf("%s %s, then the flags", p.Name, c.Args[0])}
	}
	return v.Run(c)
}

func (p *Program[O]) find(name string) *Verb[O] {
	for _, v := range p.Verbs {
		if v.Name == name || slices.Contains(v.Aliases, name) {
			return v
		}
	}
	return nil
}

// known is find for what somebody typed.
func (p *Program[O]) known(name string) (*Verb[O], error) {
	v := p.find(name)
	if v == nil {
		return nil, UsageError{fmt.Sprintf("unknown command %q", name), report.DidYouMean(name, p.names())}
	}
	return v, nil
}

func (p *Program[O]) names() (out []string) {
	for _, v := range p.Verbs {
		out = append(out, v.Name)
	}
	return append(out, "help")
}

// help prints the page of the program, or of one verb.
func (p *Program[O]) help(args []string, w io.Writer) error {
	if len(args) == 0 {
		fmt.Fprintf(w, "%s\n\n  %s COMMAND [flags]\n\n", p.About, p.Name)
		for _, v := range p.Verbs {
			fmt.Fprintf(w, "  %-12s%s\n", v.Name, v.Short)
		}
		bare := ""
		if p.Bare != "" {
			bare = fmt.Sprintf(" Bare %q is %q.", p.Name, p.Name+" "+p.Bare)
		}
		_, err := fmt.Fprintf(w, "\n\"%s help COMMAND\" tells more.%s\n\n%s", p.Name, bare, p.Codes)
		return err
	}
	v, err := p.known(args[0])
	if err != nil {
		return err
	}
	var o O
	flags := p.flagSet(v, &o).FlagUsages()
	if flags != "" {
		flags = "Flags\n" + flags + "\n"
	}
	also := ""
	if v.Aliases != nil {
		also = fmt.Sprintf("\nAlso called as %s.\n", strings.Join(v.Aliases, ", "))
	}
	usage := strings.Join(strings.Fields(p.Name+" "+v.Name+" "+v.Args+" [flags]"), " ")
	_, err = fmt.Fprintf(w, "%s %s: %s\n\n  %s\n\n%s\n\n%s%s%s", p.Name, v.Name, v.Short, usage, v.Long, flags, p.Codes, also)
	return err
}

// flagSet binds the flags of a verb. Names are compared without case and hyphens.
func (p *Program[O]) flagSet(v *Verb[O], o *O) *pflag.FlagSet {
	fs := pflag.NewFlagSet(v.Name, pflag.ContinueOnError)
	fs.SortFlags = false
	fs.Usage = func() {}
	fs.SetNormalizeFunc(func(_ *pflag.FlagSet, name string) pflag.NormalizedName {
		n := strings.ToLower(strings.NewReplacer("-", "", "_", "").Replace(name))
		if s, ok := p.Spellings[n]; ok {
			n = s
		}
		return pflag.NormalizedName(n)
	})
	if v.Flags != nil {
		v.Flags(fs, o)
	}
	return fs
}

var unknownFlag = regexp.MustCompile(`unknown (?:shorthand )?flag: (?:--([\w-]+)|'(.)')`)

// flagError turns a complaint of pflag into ours, with the nearest right flag.
func (p *Program[O]) flagError(fs *pflag.FlagSet, err error) error {
	hint := fmt.Sprintf(`"%s help %s" lists the flags`, p.Name, fs.Name())
	m := unknownFlag.FindStringSubmatch(err.Error())
	if m == nil {
		return UsageError{err.Error(), hint}
	}
	if m[2] != "" {
		return UsageError{"unknown flag -" + m[2], hint}
	}
	var known []string
	fs.VisitAll(func(f *pflag.Flag) { known = append(known, f.Name) })
	for spelling, name := range p.Spellings {
		if fs.Lookup(name) != nil {
			known = append(known, spelling)
		}
	}
	slices.Sort(known)
	if near := report.Nearest(m[1], known); near != "" {
		hint = fmt.Sprintf("did you mean --%s?", near)
	}
	return UsageError{"unknown flag --" + m[1], hint}
}
