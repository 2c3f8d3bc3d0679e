package memo

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"sync"
	"time"
)

// One deterministic encoding serves both purposes: hashed, it is a key; stored,
// it is a remembered value. Numbers are varints, strings and lists carry their
// length, maps are sorted, times are kept to the nanosecond in UTC.

var (
	timeType  = reflect.TypeFor[time.Time]()
	keyedType = reflect.TypeFor[Keyed]()
	traits    sync.Map // reflect.Type → *trait
)

// trait is what must be known of a type, found out once: asking reflect for every
// value costs more than encoding it.
type trait struct {
	keyed   bool   // it implements Keyed
	leftOut bool   // it is Kept
	clock   bool   // it is time.Time
	hidden  string // a field that cannot be seen
}

func traitOf(t reflect.Type) *trait {
	if k, ok := traits.Load(t); ok {
		return k.(*trait)
	}
	k := &trait{keyed: t.Implements(keyedType), leftOut: t.Implements(leftOutType), clock: t == timeType}
	if t.Kind() == reflect.Struct && !k.clock && !k.leftOut {
		for f := range t.Fields() {
			if k.keyed && f.Anonymous && f.Type.Implements(keyedType) {
				panic(fmt.Sprintf("memo: %s would be keyed by its embedded %s alone", t, f.Type))
			}
			if !f.IsExported() && !f.Anonymous {
				k.hidden = f.Name
			}
		}
	}
	traits.Store(t, k)
	return k
}

// appendValue appends the encoding of v. With hashing set, a Keyed value is
// represented by its key alone.
func appendValue(b []byte, v reflect.Value, hashing bool) []byte {
	t := v.Type()
	about := traitOf(t)
	if about.keyed && hashing {
		if (v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface) && v.IsNil() {
			return append(b, 0)
		}
		k := v.Interface().(Keyed).MemoKey()
		return append(append(b, 1), k[:]...)
	}
	switch v.Kind() {
	case reflect.Bool:
		if v.Bool() {
			return append(b, 1)
		}
		return append(b, 0)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return binary.AppendVarint(b, v.Int())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return binary.AppendUvarint(b, v.Uint())
	case reflect.Float64, reflect.Float32:
		return binary.BigEndian.AppendUint64(b, math.Float64bits(v.Float()))
	case reflect.String:
		s := v.String()
		return append(binary.AppendUvarint(b, uint64(len(s))), s...)
	case reflect.Array:
		for i := range v.Len() {
			b = appendValue(b, v.Index(i), hashing)
		}
		return b
	case reflect.Slice:
		if v.IsNil() { // nil and empty are told apart: a layout can
			return append(b, 0)
		}
		b = binary.AppendUvarint(b, uint64(v.Len())+1)
		if t.Elem().Kind() == reflect.Uint8 {
			return append(b, v.Bytes()...)
		}
		for i := range v.Len() {
			b = appendValue(b, v.Index(i), hashing)
		}
		return b
	case reflect.Map:
		if v.IsNil() {
			return append(b, 0)
		}
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return compareKeys(a, b) })
		b = binary.AppendUvarint(b, uint64(len(keys))+1)
		for _, k := range keys {
			b = appendValue(b, k, hashing)
			b = appendValue(b, v.MapIndex(k), hashing)
		}
		return b
	case reflect.Pointer:
		if v.IsNil() {
			return append(b, 0)
		}
		return appendValue(append(b, 1), v.Elem(), hashing)
	case reflect.Interface:
		if v.IsNil() {
			return append(b, 0)
		}
		i := slices.IndexFunc(dynamic, func(d reflect.Type) bool { return d == v.Elem().Type() })
		if i < 0 && !hashing {
			panic(fmt.Sprintf("memo: cannot store %s behind an interface", v.Elem().Type()))
		}
		if i < 0 {
			b = append(append(b, 255), v.Elem().Type().String()...)
		} else {
			b = append(b, byte(i+1))
		}
		return appendValue(b, v.Elem(), hashing)
	case reflect.Struct:
		if about.leftOut {
			return b
		}
		if about.clock {
			at := v.Interface().(time.Time)
			if at.IsZero() {
				return append(b, 0)
			}
			b = binary.AppendVarint(append(b, 1), at.Unix())
			return binary.AppendUvarint(b, uint64(at.Nanosecond()))
		}
		if about.hidden != "" {
			panic(fmt.Sprintf("memo: %s.%s cannot be seen; export it or implement Keyed", t, about.hidden))
		}
		for i := range v.NumField() {
			b = appendValue(b, v.Field(i), hashing)
		}
		return b
	}
	panic(fmt.Sprintf("memo: cannot encode %s", t))
}

// dynamic are the types that may stand behind an interface: those of free params.
var dynamic = []reflect.Type{
	reflect.TypeFor[string](), reflect.TypeFor[bool](), reflect.TypeFor[int](), reflect.TypeFor[float64](),
	reflect.TypeFor[[]any](), reflect.TypeFor[map[string]any](), reflect.TypeFor[time.Time](),
}

func compareKeys(a, b reflect.Value) int {
	if a.Kind() == reflect.String {
		switch x, y := a.String(), b.String(); {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	}
	return int(a.Int() - b.Int())
}

var errDamaged = errors.New("memo: damaged value")

// decode fills dst, a pointer, from what appendValue made of the same type.
func decode(data []byte, dst any) (err error) {
	d := decoder{data}
	defer func() {
		// A damaged length leads out of the slice; the checksum of the file makes
		// that unlikely, a program of another version makes it possible.
		if r := recover(); r != nil {
			err = errDamaged
		}
	}()
	d.value(reflect.ValueOf(dst).Elem())
	if len(d.b) != 0 {
		return errDamaged
	}
	return nil
}

type decoder struct{ b []byte }

func (d *decoder) byte() byte { c := d.b[0]; d.b = d.b[1:]; return c }

func (d *decoder) uint() uint64 {
	x, n := binary.Uvarint(d.b)
	if n <= 0 {
		panic(errDamaged)
	}
	d.b = d.b[n:]
	return x
}

func (d *decoder) int() int64 {
	x, n := binary.Varint(d.b)
	if n <= 0 {
		panic(errDamaged)
	}
	d.b = d.b[n:]
	return x
}

func (d *decoder) take(n int) []byte { s := d.b[:n:n]; d.b = d.b[n:]; return s }

func (d *decoder) value(v reflect.Value) {
	t := v.Type()
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(d.byte() == 1)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(d.int())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(d.uint())
	case reflect.Float64, reflect.Float32:
		v.SetFloat(math.Float64frombits(binary.BigEndian.Uint64(d.take(8))))
	case reflect.String:
		v.SetString(string(d.take(int(d.uint()))))
	case reflect.Array:
		for i := range v.Len() {
			d.value(v.Index(i))
		}
	case reflect.Slice:
		n := d.uint()
		if n == 0 {
			return
		}
		if n-1 > uint64(len(d.b)) { // an element takes a byte at least, or the length lies
			panic(errDamaged)
		}
		if t.Elem().Kind() == reflect.Uint8 {
			v.SetBytes(slices.Clone(d.take(int(n - 1))))
			return
		}
		s := reflect.MakeSlice(t, int(n-1), int(n-1))
		for i := range s.Len() {
			d.value(s.Index(i))
		}
		v.Set(s)
	case reflect.Map:
		n := d.uint()
		if n == 0 {
			return
		}
		m := reflect.MakeMap(t)
		for range n - 1 {
			k, e := reflect.New(t.Key()).Elem(), reflect.New(t.Elem()).Elem()
			d.value(k)
			d.value(e)
			m.SetMapIndex(k, e)
		}
		v.Set(m)
	case reflect.Pointer:
		if d.byte() == 1 {
			p := reflect.New(t.Elem())
			d.value(p.Elem())
			v.Set(p)
		}
	case reflect.Interface:
		if i := d.byte(); i > 0 {
			e := reflect.New(dynamic[i-1]).Elem()
			d.value(e)
			v.Set(e)
		}
	case reflect.Struct:
		about := traitOf(t)
		if about.leftOut {
			return
		}
		if about.clock {
			if d.byte() == 1 {
				sec := d.int()
				v.Set(reflect.ValueOf(time.Unix(sec, int64(d.uint())).UTC()))
			}
			return
		}
		for i := range t.NumField() {
			d.value(v.Field(i))
		}
	default:
		panic(errDamaged)
	}
}

// Kept is a value that lives as long as the process that made it and is left out
// of keys and of the file: what can be made again from the rest, at a price.
type Kept[T any] struct{ value *T }

// Keep returns v kept.
func Keep[T any](v T) Kept[T] { return Kept[T]{&v} }

// Get returns the value, and false when it was made by an earlier run.
func (k Kept[T]) Get() (v T, ok bool) {
	if k.value == nil {
		return v, false
	}
	return *k.value, true
}

func (Kept[T]) leftOut() {}

type leftOut interface{ leftOut() }

var leftOutType = reflect.TypeFor[leftOut]()
