package judged

import (
	"fmt"
	"html"
	"strings"

	"quishmilter/test/mailmaker"
)

// bodyOf puts the code where mail of its kind has it.
func bodyOf(kind string, n int, text, link string) mailmaker.Part {
	code := mailmaker.CodeImage(link, 4)
	switch kind {
	case "invoice":
		return mailmaker.Mixed(mailmaker.Text(text), mailmaker.Attached("application/pdf", "invoice.pdf", invoice(link)))
	case "badge":
		return mailmaker.Mixed(mailmaker.Text(text), mailmaker.Attached("application/pdf", "badge.pdf", page(link, "Erika Reader", "Example Ltd.", "Visitor")))
	case "list":
		return mailmaker.Mixed(mailmaker.Text(text), mailmaker.Attached("image/jpeg", "poster.jpg", mailmaker.JPEG(code, 90)))
	case "signature":
		return mailmaker.Related(mailmaker.Alternative(mailmaker.Text(text), mailmaker.HTML(document(text, "<img src=\"cid:banner\" width=\"120\">"))),
			mailmaker.Inline("banner", "image/png", "banner.png", mailmaker.PNG(code)))
	case "ticket":
		if n%2 == 0 {
			return mailmaker.Mixed(mailmaker.Text(text), mailmaker.Attached("application/pdf", "ticket.pdf",
				page(link, "Winter concert", "Great Hall, row 7, seat 12", "Saturday 12 December, 19:30", "Order 4711, 2 adults, 58.00 paid", "Please be seated ten minutes before the concert begins.")))
		}
	}
	return mailmaker.Related(mailmaker.Alternative(mailmaker.Text(text), mailmaker.HTML(document(text, "<img src=\"cid:code\" width=\"160\" alt=\"QR\">"))),
		mailmaker.Inline("logo", "image/png", "logo.png", mailmaker.PNG(mailmaker.Logo())), mailmaker.Inline("code", "image/png", "code.png", mailmaker.PNG(code)))
}

func document(text, picture string) string {
	return "<html><body><p>" + strings.ReplaceAll(html.EscapeString(text), ". ", ".</p><p>") + "</p><p>" + picture + "</p></body></html>"
}

// font is the one that every reader of PDF has.
const font = "/Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >>"

// page is a PDF of one page with some lines and the code below them.
func page(link string, lines ...string) []byte {
	return mailmaker.NewPDF().Pages(mailmaker.Page{Width: 595, Height: 842, Resources: font,
		Content: written(lines) + mailmaker.DrawModules(mailmaker.Modules(link), 72, 600, 4)}).Bytes()
}

// written is a page's content that writes lines from the top.
func written(lines []string) string {
	var b strings.Builder
	for n, line := range lines {
		line = strings.NewReplacer(`\`, `\\`, "(", `\(`, ")", `\)`).Replace(line)
		fmt.Fprintf(&b, "BT /F 11 Tf 72 %d Td (%s) Tj ET\n", 780-16*n, line)
	}
	return b.String()
}

// invoice has two pages, with the code on the second.
func invoice(link string) []byte {
	first := []string{"FibreNet", "Invoice 2026-11-0815", "Customer 204711, Reader, Example Street 1", "Internet line 100 Mbit/s, November      34.90", "Router rental, November      5.00",
		"VAT included 19 %      6.37", "Total      39.90", "Payable by 15 December without deduction. Thank you for your order."}
	second := []string{"Pay by phone", "Scan the code with your camera and confirm the amount of 39.90."}
	return mailmaker.NewPDF().Pages(
		mailmaker.Page{Width: 595, Height: 842, Resources: font, Content: written(first)},
		mailmaker.Page{Width: 595, Height: 842, Resources: font, Content: written(second) + mailmaker.DrawModules(mailmaker.Modules(link), 72, 700, 4)},
	).Bytes()
}
