package table

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// readJSON reads rows one after the other, in an array, or in an answer.
func readJSON(in io.Reader, fn func(record) error) error {
	values := json.NewDecoder(in)
	values.UseNumber()
	for {
		token, err := values.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		switch token {
		case json.Delim('['):
			err = each(values, fn)
		case json.Delim('{'):
			err = object(values, fn)
		default:
			err = fmt.Errorf("%v stands where a row was expected", token)
		}
		if err != nil {
			return err
		}
	}
}

// each reads the rest of an array of rows.
func each(values *json.Decoder, fn func(record) error) error {
	for values.More() {
		var row map[string]any
		if err := values.Decode(&row); err != nil {
			return err
		}
		if err := fn(recordOf(row)); err != nil {
			return err
		}
	}
	_, err := values.Token()
	return err
}

// object reads the rest of an object: a row, or an answer with rows in it.
func object(values *json.Decoder, fn func(record) error) error {
	row, answered := map[string]any{}, false
	for values.More() {
		key, err := values.Token()
		if err != nil {
			return err
		}
		name, _ := key.(string)
		if lower := strings.ToLower(name); lower == "results" || lower == "value" {
			if start, err := values.Token(); err != nil || start != json.Delim('[') {
				return errors.Join(err, fmt.Errorf("%s is no list of rows", name))
			}
			if err := each(values, fn); err != nil {
				return err
			}
			answered = true
			continue
		}
		var value any
		if err := values.Decode(&value); err != nil {
			return err
		}
		row[name] = value
	}
	if _, err := values.Token(); err != nil || answered {
		return err
	}
	return fn(recordOf(row))
}

func recordOf(row map[string]any) record {
	r := record{places: make(map[string]int, len(row)), cells: make([]string, 0, len(row))}
	for name, value := range row {
		text := ""
		if value != nil {
			text = fmt.Sprint(value)
		}
		r.places[columnName(name)] = len(r.cells)
		r.cells = append(r.cells, text)
	}
	return r
}
