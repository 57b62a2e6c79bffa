//go:build !amd64

package tower

// fastest is the best kernel for this machine.
func fastest() kernel { return portable{} }

// kernels are all that this machine can run.
func kernels() []kernel { return []kernel{portable{}} }
