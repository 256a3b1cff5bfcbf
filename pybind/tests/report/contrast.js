// SPDX-License-Identifier: MIT
// Answers the texts of a page whose contrast with their background is below 4.5 to 1.
const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });

function rgba(colour) {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return canvas.getImageData(0, 0, 1, 1).data;
}

function luminance(colour) {
    const [r, g, b] = [...colour].slice(0, 3).map((value) => {
        const share = value / 255;
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function behind(element) {
    const rect = element.closest("g")?.querySelector("rect");
    if (rect) {
        return getComputedStyle(rect).fill;
    }
    for (let at = element; at; at = at.parentElement) {
        const colour = getComputedStyle(at).backgroundColor;
        if (rgba(colour)[3] === 255) {
            return colour;
        }
    }
    return "white";
}

const found = new Set();
for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!own || !element.checkVisibility() || element.closest("title, .said")) {
        continue;
    }
    const style = getComputedStyle(element);
    const front = element.namespaceURI.endsWith("svg") ? style.fill : style.color;
    const [a, b] = [luminance(rgba(front)), luminance(rgba(behind(element)))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) {
        found.add(`${element.tagName} ${element.getAttribute("class")}: ${ratio.toFixed(2)}`);
    }
}
return [...found];
