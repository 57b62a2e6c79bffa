// Package imports turns files of rows into events: orders, behaviour, the
// catalogue, stock, exposures, and supply data.
//
//	rows, err := imports.NewRows("orders.csv.gz", file, imports.Columns{"order_id": "InvoiceNo"})
//	orders := imports.Orders(settings)
//	for row, err := range rows.All() {
//		event, err := orders.Event(row)
//		…
//	}
//
// A row's event has an id made of what the row says and of how many equal rows
// came before it, so that a file that is sorted otherwise, or cut between
// orders and repeated, gives the same events.
package imports
