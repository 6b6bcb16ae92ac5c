const SIZE = 64;

/** Returns the text of the mark on the icon: at most `99`, a dot for unread ones that do not count. */
export function markOf(count: number): string {
  return count > 99 ? "99+" : String(count);
}

/** Returns the icon as a `data:` address: the bubble, and above it the count, or a dot. */
export function drawIcon(count: number, dot: boolean): string {
  const canvas = document.createElement("canvas");
  canvas.width = SIZE;
  canvas.height = SIZE;
  const pen = canvas.getContext("2d");
  if (!pen) return "icon.svg";
  pen.fillStyle = "#3f56c9";
  pen.beginPath();
  pen.roundRect(4, 6, 56, 42, 12);
  pen.moveTo(14, 44);
  pen.lineTo(14, 60);
  pen.lineTo(32, 46);
  pen.fill();
  pen.fillStyle = "#ffffff";
  for (const x of [19, 32, 45]) {
    pen.beginPath();
    pen.arc(x, 27, 4, 0, 2 * Math.PI);
    pen.fill();
  }
  if (count > 0) drawCount(pen, markOf(count));
  else if (dot) drawDot(pen);
  return canvas.toDataURL("image/png");
}

function drawDot(pen: CanvasRenderingContext2D): void {
  pen.fillStyle = "#b3261e";
  pen.beginPath();
  pen.arc(50, 14, 13, 0, 2 * Math.PI);
  pen.fill();
}

function drawCount(pen: CanvasRenderingContext2D, text: string): void {
  pen.font = `bold ${text.length > 2 ? 24 : 32}px sans-serif`;
  const width = Math.max(36, pen.measureText(text).width + 14);
  pen.fillStyle = "#b3261e";
  pen.beginPath();
  pen.roundRect(SIZE - width, SIZE - 36, width, 36, 18);
  pen.fill();
  pen.fillStyle = "#ffffff";
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillText(text, SIZE - width / 2, SIZE - 17);
}
