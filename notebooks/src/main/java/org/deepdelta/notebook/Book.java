package org.deepdelta.notebook;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.pdfbox.Loader;
import org.apache.pdfbox.multipdf.PDFMergerUtility;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.PDPage;
import org.apache.pdfbox.pdmodel.PDPageContentStream;
import org.apache.pdfbox.pdmodel.PDPageContentStream.AppendMode;
import org.apache.pdfbox.pdmodel.PageMode;
import org.apache.pdfbox.pdmodel.common.filespecification.PDSimpleFileSpecification;
import org.apache.pdfbox.pdmodel.font.PDFont;
import org.apache.pdfbox.pdmodel.font.PDType1Font;
import org.apache.pdfbox.pdmodel.font.Standard14Fonts;
import org.apache.pdfbox.pdmodel.interactive.action.PDAction;
import org.apache.pdfbox.pdmodel.interactive.action.PDActionGoTo;
import org.apache.pdfbox.pdmodel.interactive.action.PDActionRemoteGoTo;
import org.apache.pdfbox.pdmodel.interactive.action.PDActionURI;
import org.apache.pdfbox.pdmodel.interactive.annotation.PDAnnotation;
import org.apache.pdfbox.pdmodel.interactive.annotation.PDAnnotationLink;
import org.apache.pdfbox.pdmodel.interactive.documentnavigation.destination.PDPageXYZDestination;

/** Page numbers, links and binding of PDF files that Chromium printed. */
final class Book {

    private static final float FONT_SIZE = 9;
    private static final float FROM_BELOW = 34;

    private Book() {}

    /** The number of each part's first page, from 1, where the cover comes first. */
    static Map<String, Integer> firstPages(Path cover, Map<String, Path> parts) throws IOException {
        Map<String, Integer> first = new LinkedHashMap<>();
        int next = pages(cover) + 1;
        for (Map.Entry<String, Path> part : parts.entrySet()) {
            first.put(part.getKey(), next);
            next += pages(part.getValue());
        }
        return first;
    }

    /** All parts behind the cover, with bookmarks, numbered through, links between them leading to their pages. */
    static void bind(Path cover, Map<String, Path> parts, Path whole, String title) throws IOException {
        Map<String, Integer> first = firstPages(cover, parts);
        try (PDDocument book = Loader.loadPDF(cover.toFile())) {
            PDFMergerUtility merger = new PDFMergerUtility();
            for (Path part : parts.values()) {
                try (PDDocument document = Loader.loadPDF(part.toFile())) {
                    merger.appendDocument(book, document);
                }
            }
            book.getDocumentInformation().setTitle(title);
            book.getDocumentCatalog().setPageMode(PageMode.USE_OUTLINES);
            links(book, name -> {
                Integer page = first.get(name);
                return page == null ? null : goTo(book.getPage(page - 1));
            });
            numbers(book);
            book.save(whole.toFile());
        }
    }

    /** Numbers the pages of one file, and lets its links to other notebooks lead to their PDF files beside it. */
    static void number(Path file) throws IOException {
        Path numbered = file.resolveSibling(file.getFileName() + ".part");
        try (PDDocument document = Loader.loadPDF(file.toFile())) {
            links(document, name -> {
                Path other = file.resolveSibling(name + ".pdf");
                return Files.isRegularFile(other) ? beside(other) : null;
            });
            numbers(document);
            document.save(numbered.toFile());
        }
        Files.move(numbered, file, StandardCopyOption.REPLACE_EXISTING);
    }

    private static int pages(Path file) throws IOException {
        try (PDDocument document = Loader.loadPDF(file.toFile())) {
            return document.getNumberOfPages();
        }
    }

    /** Chromium writes a link to a neighbouring page as an address on this machine: it leads elsewhere, or goes. */
    private static void links(PDDocument document, Function<String, PDAction> target) throws IOException {
        for (PDPage page : document.getPages()) {
            List<PDAnnotation> annotations = page.getAnnotations();
            for (Iterator<PDAnnotation> each = annotations.iterator(); each.hasNext(); ) {
                if (each.next() instanceof PDAnnotationLink link
                        && link.getAction() instanceof PDActionURI uri
                        && uri.getURI().startsWith("file:")) {
                    String name = uri.getURI().replaceFirst("#.*", "").replaceFirst(".*/", "");
                    PDAction action = target.apply(name.replaceFirst("\\.(html|pdf)$", ""));
                    if (action == null) {
                        each.remove();
                    } else {
                        link.setAction(action);
                    }
                }
            }
            page.setAnnotations(annotations);
        }
    }

    private static PDAction goTo(PDPage page) {
        PDPageXYZDestination top = new PDPageXYZDestination();
        top.setPage(page);
        top.setTop((int) page.getMediaBox().getUpperRightY());
        PDActionGoTo action = new PDActionGoTo();
        action.setDestination(top);
        return action;
    }

    private static PDAction beside(Path other) {
        PDSimpleFileSpecification file = new PDSimpleFileSpecification();
        file.setFile(other.getFileName().toString());
        PDActionRemoteGoTo action = new PDActionRemoteGoTo();
        action.setFile(file);
        return action;
    }

    private static void numbers(PDDocument document) throws IOException {
        PDFont font = new PDType1Font(Standard14Fonts.FontName.TIMES_ROMAN);
        int number = 0;
        for (PDPage page : document.getPages()) {
            String text = String.valueOf(++number);
            float width = font.getStringWidth(text) / 1000 * FONT_SIZE;
            try (PDPageContentStream content = new PDPageContentStream(document, page, AppendMode.APPEND, true, true)) {
                content.beginText();
                content.setFont(font, FONT_SIZE);
                content.newLineAtOffset((page.getMediaBox().getWidth() - width) / 2, FROM_BELOW);
                content.showText(text);
                content.endText();
            }
        }
    }
}
