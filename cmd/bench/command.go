package main

import "strings"

// withoutSwitches leaves out what does not change the measurement, what may
// hold a password, and where the files of this machine lie: of a path only the
// last name is left. What it returns is printed in docs/benchmarks.md.
func withoutSwitches(args []string) []string {
	var out []string
	for i := 0; i < len(args); i++ {
		flag, value, joined := strings.Cut(args[i], "=")
		if !strings.HasPrefix(flag, "--") {
			out = append(out, lastName(args[i]))
			continue
		}
		switch flag {
		case "--json", "--write":
			continue
		case "--postgres", "--in", "--title":
			if !joined && i+1 < len(args) {
				i++
				value = args[i]
			}
			out = append(out, flag+" "+shown(flag, value))
		default:
			if joined {
				flag += "=" + lastName(value)
			}
			out = append(out, flag)
		}
	}
	return out
}

// shown is what a reader may see of the value of a flag.
func shown(flag, value string) string {
	switch flag {
	case "--postgres":
		return "URL"
	case "--in":
		return "DIR"
	}
	if strings.ContainsAny(value, " \t") {
		return `"` + value + `"`
	}
	return value // a title may have a slash
}

// lastName is the last name of a path, and any other value as it is. A path
// with nothing but slashes and dots is FILE.
func lastName(value string) string {
	if !strings.ContainsAny(value, `/\`) {
		return value
	}
	names := strings.FieldsFunc(value, func(r rune) bool { return r == '/' || r == '\\' })
	if len(names) == 0 || strings.Trim(names[len(names)-1], ".~") == "" {
		return "FILE"
	}
	return names[len(names)-1]
}
