// Package tower learns two towers: one turns a visitor at a moment into a
// vector, the other an item, so that the inner product says how likely it is
// that the visitor wants the item next.
package tower
