package picture

// spread picks at most k of n things: all, or the first, the last and evenly spread ones between.
func spread(n, k int) []int {
	k = min(n, k)
	pick := make([]int, k)
	for i := range pick {
		if k > 1 {
			pick[i] = i * (n - 1) / (k - 1)
		}
	}
	return pick
}
