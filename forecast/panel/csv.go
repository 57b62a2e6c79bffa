package panel

import (
	"bufio"
	"encoding/csv"
	"io"
	"strconv"
)

// WriteCSV writes the forecasts as series,step,time,mean,q…: one q column a
// probability, named as in names; times are written in layout.
func (r *Result) WriteCSV(w io.Writer, names []string, layout string) error {
	buffered := bufio.NewWriterSize(w, 1<<16)
	out := csv.NewWriter(buffered)
	head := []string{"series", "step", "time", "mean"}
	for _, n := range names {
		head = append(head, "q"+n)
	}
	if err := out.Write(head); err != nil {
		return err
	}
	record := make([]string, len(head))
	for _, f := range r.Forecasts {
		for k, mean := range f.Mean {
			record[0], record[1] = f.Series, strconv.Itoa(k+1)
			record[2], record[3] = f.Times[k].Format(layout), number(mean)
			for i, q := range f.Quantiles[k] {
				record[4+i] = number(q)
			}
			if err := out.Write(record); err != nil {
				return err
			}
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return err
	}
	return buffered.Flush()
}

// number writes nine significant digits: no forecast knows more.
func number(x float64) string {
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 9, 64), 64)
	if err != nil {
		rounded = x
	}
	return strconv.FormatFloat(rounded, 'f', -1, 64)
}
