package node

import "reflect"

// Keys returns the canonical names of the keys that the struct v points to knows.
func Keys(v any) []string { return shapeOf(reflect.TypeOf(v).Elem()).names }
