"""Seconds of the processor that plain Python integers take for the counts of rank sums: python3 sumLaw.py 200 40"""

import sys
import time

n, m = int(sys.argv[1]), int(sys.argv[2])
start = time.process_time()
counts = [1] + [0] * (n * m)
for i in range(1, m + 1):
    for u in range(n * m, n + i - 1, -1):
        counts[u] -= counts[u - n - i]
    for u in range(i, n * m + 1):
        counts[u] += counts[u - i]
print(time.process_time() - start)
