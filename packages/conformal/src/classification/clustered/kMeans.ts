/**
 * Weighted k-means of points `[points, dimensions]`: the cluster of each point. Deterministic: the first centre is the
 * heaviest point, each next one the point with the largest weight times squared distance to its nearest centre
 * (farthest first), the first of equals; then Lloyd's steps until nothing changes, at most 100. Clusters are numbered
 * by their first point and never empty; fewer than `k` come back when fewer points differ.
 *
 * @param weights weight of each point, > 0
 */
export function kMeans(points: readonly Float64Array[], weights: ArrayLike<number>, k: number): number[] {
  let centres = farthestFirst(points, weights, k);
  let clusterOf = points.map((point) => nearest(centres, point));
  for (let step = 0; step < 100; step++) {
    centres = centres.map((centre, cluster) => weightedMean(points, weights, clusterOf, cluster) ?? centre);
    const next = points.map((point) => nearest(centres, point));
    if (next.every((cluster, i) => cluster === clusterOf[i])) break;
    clusterOf = next;
  }
  const order = [...new Set(clusterOf)];
  return clusterOf.map((cluster) => order.indexOf(cluster));
}

function farthestFirst(points: readonly Float64Array[], weights: ArrayLike<number>, k: number): Float64Array[] {
  const centres: Float64Array[] = [];
  const distances = points.map(() => 1);
  while (centres.length < k) {
    let best = -1;
    let largest = 0;
    points.forEach((_point, i) => {
      const value = (weights[i] as number) * (distances[i] as number);
      if (value > largest) {
        best = i;
        largest = value;
      }
    });
    if (best < 0) break;
    const centre = points[best] as Float64Array;
    centres.push(centre);
    points.forEach((point, i) => {
      const distance = squaredDistance(point, centre);
      distances[i] = centres.length === 1 ? distance : Math.min(distances[i] as number, distance);
    });
  }
  return centres;
}

function nearest(centres: readonly Float64Array[], point: Float64Array): number {
  let best = 0;
  let least = Infinity;
  centres.forEach((centre, cluster) => {
    const distance = squaredDistance(point, centre);
    if (distance < least) {
      best = cluster;
      least = distance;
    }
  });
  return best;
}

function weightedMean(
  points: readonly Float64Array[],
  weights: ArrayLike<number>,
  clusterOf: readonly number[],
  cluster: number,
): Float64Array | undefined {
  let total = 0;
  const sum = new Float64Array(points[0]?.length ?? 0);
  points.forEach((point, i) => {
    if (clusterOf[i] !== cluster) return;
    const weight = weights[i] as number;
    total += weight;
    for (let d = 0; d < sum.length; d++) sum[d] = (sum[d] as number) + weight * (point[d] as number);
  });
  return total === 0 ? undefined : sum.map((value) => value / total);
}

function squaredDistance(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let d = 0; d < a.length; d++) {
    const difference = (a[d] as number) - (b[d] as number);
    sum += difference * difference;
  }
  return sum;
}
