package dev.wingman.rest;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** An OpenAPI document as a page. Confined to one thread. */
final class DocsPage {
    private static final Set<String> METHODS = Set.of("get", "put", "post", "delete", "patch");

    private final JsonNode document;
    private final StringBuilder html = new StringBuilder();

    DocsPage(JsonNode document) {
        this.document = document;
    }

    String html() {
        JsonNode info = document.path("info");
        String title = info.path("title").asText() + " API " + info.path("version").asText();
        html.append("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">")
                .append("<meta name=\"viewport\" content=\"width=device-width\"><title>")
                .append(escaped(title))
                .append("</title><link rel=\"stylesheet\" href=\"docs.css\"></head><body><h1>")
                .append(escaped(title))
                .append("</h1>");
        paragraph(info.path("description").asText());
        html.append("<p>For programs: <a href=\"openapi.json\">openapi.json</a></p><nav><ul>");
        eachOperation(this::contents);
        html.append("</ul></nav>");
        eachOperation(this::operation);
        html.append("<h2>Bodies</h2>");
        document.path("components").path("schemas").properties().forEach(this::schema);
        return html.append("</body></html>\n").toString();
    }

    /** What is done with each operation. */
    @FunctionalInterface
    private interface Visitor {
        void visit(String path, String method, JsonNode operation);
    }

    private void eachOperation(Visitor visitor) {
        for (Map.Entry<String, JsonNode> path : document.path("paths").properties()) {
            for (Map.Entry<String, JsonNode> method : path.getValue().properties()) {
                if (METHODS.contains(method.getKey())) {
                    visitor.visit(path.getKey(), method.getKey(), method.getValue());
                }
            }
        }
    }

    private void contents(String path, String method, JsonNode operation) {
        html.append("<li><a href=\"#")
                .append(escaped(operation.path("operationId").asText()))
                .append("\">")
                .append(name(path, method))
                .append("</a> ")
                .append(escaped(operation.path("summary").asText()))
                .append("</li>");
    }

    private static String name(String path, String method) {
        return "<code>" + method.toUpperCase(Locale.ROOT) + " " + escaped(path) + "</code>";
    }

    private void operation(String path, String method, JsonNode operation) {
        html.append("<section id=\"")
                .append(escaped(operation.path("operationId").asText()))
                .append("\"><h2>")
                .append(name(path, method))
                .append("</h2>");
        paragraph(operation.path("summary").asText());
        paragraph(operation.path("description").asText());
        if (operation.has("security")) {
            paragraph("Needs a token.");
        }
        html.append("<dl>");
        operation.path("parameters").forEach(this::parameter);
        JsonNode body = operation.path("requestBody");
        if (!body.isMissingNode()) {
            html.append("<dt>body</dt><dd>").append(bodies(body)).append("</dd>");
        }
        operation.path("responses").properties().forEach(this::response);
        html.append("</dl></section>");
    }

    private void parameter(JsonNode unresolved) {
        JsonNode parameter = resolved(unresolved);
        html.append("<dt>")
                .append(escaped(parameter.path("name").asText()))
                .append("</dt><dd>in ")
                .append(escaped(parameter.path("in").asText()))
                .append(", ")
                .append(type(parameter.path("schema")))
                .append(parameter.path("required").asBoolean() ? ", required" : "")
                .append("</dd>");
    }

    private void response(Map.Entry<String, JsonNode> entry) {
        JsonNode response = resolved(entry.getValue());
        html.append("<dt>")
                .append(escaped(entry.getKey()))
                .append("</dt><dd>")
                .append(escaped(response.path("description").asText()))
                .append(' ')
                .append(bodies(response))
                .append("</dd>");
    }

    private String bodies(JsonNode holder) {
        var text = new StringBuilder();
        for (Map.Entry<String, JsonNode> content : holder.path("content").properties()) {
            text.append(escaped(content.getKey()))
                    .append(' ')
                    .append(type(content.getValue().path("schema")));
        }
        return text.toString();
    }

    private void schema(Map.Entry<String, JsonNode> entry) {
        JsonNode schema = entry.getValue();
        html.append("<section id=\"schema-")
                .append(escaped(entry.getKey()))
                .append("\"><h3>")
                .append(escaped(entry.getKey()))
                .append("</h3>");
        paragraph(schema.path("description").asText());
        html.append("<dl>");
        Set<String> required = new HashSet<>();
        schema.path("required").forEach(name -> required.add(name.asText()));
        for (Map.Entry<String, JsonNode> property : schema.path("properties").properties()) {
            html.append("<dt>")
                    .append(escaped(property.getKey()))
                    .append("</dt><dd>")
                    .append(type(property.getValue()))
                    .append(required.contains(property.getKey()) ? ", required" : "")
                    .append("</dd>");
        }
        html.append("</dl>");
        for (JsonNode example : schema.path("examples")) {
            html.append("<pre>")
                    .append(escaped(example.isTextual() ? example.asText() : example.toString()))
                    .append("</pre>");
        }
        html.append("</section>");
    }

    /** A link, or the type with its limits as the document has them. */
    private static String type(JsonNode schema) {
        String ref = schema.path("$ref").asText();
        if (!ref.isEmpty()) {
            String name = escaped(ref.substring(ref.lastIndexOf('/') + 1));
            return "<a href=\"#schema-" + name + "\">" + name + "</a>";
        }
        JsonNode type = schema.path("type"); // with "null" behind it for what may be left out
        var text = new StringBuilder(escaped(type.path(0).asText(type.asText())));
        for (Map.Entry<String, JsonNode> rule : schema.properties()) {
            if (rule.getKey().equals("items")) {
                text.append(" of ").append(type(rule.getValue()));
            } else if (!Set.of("type", "properties", "required").contains(rule.getKey())) {
                text.append(' ')
                        .append(escaped(rule.getKey()))
                        .append('=')
                        .append(escaped(rule.getValue().toString()));
            }
        }
        return text.toString();
    }

    private JsonNode resolved(JsonNode node) {
        String ref = node.path("$ref").asText();
        return ref.startsWith("#/") ? document.at(ref.substring(1)) : node;
    }

    private void paragraph(String text) {
        if (!text.isBlank()) {
            html.append("<p>").append(escaped(text)).append("</p>");
        }
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
