package dev.wingman.rest;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.type.LogicalType;
import io.quarkus.jackson.ObjectMapperCustomizer;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/** Has JSON mean what it says: nothing is converted, ignored or guessed. */
@Singleton
class StrictJson implements ObjectMapperCustomizer {
    @Override
    public void customize(ObjectMapper mapper) {
        mapper.enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
        mapper.enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES);
        mapper.enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY);
        mapper.coercionConfigDefaults()
                .setCoercion(CoercionInputShape.String, CoercionAction.Fail)
                .setCoercion(CoercionInputShape.EmptyString, CoercionAction.Fail)
                .setCoercion(CoercionInputShape.Float, CoercionAction.Fail);
        mapper.coercionConfigFor(LogicalType.Boolean)
                .setCoercion(CoercionInputShape.Integer, CoercionAction.Fail);
        mapper.getFactory().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION.mappedFeature());
        mapper.registerModule(
                new SimpleModule("strict")
                        .addDeserializer(String.class, new TextReader())
                        .addDeserializer(Integer.class, new WholeNumberReader()));
    }

    /**
     * Text that every database and every client can hold: the databases refuse NUL, and a lone
     * surrogate cannot be written as UTF-8.
     */
    static boolean isStorable(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == 0 || Character.isLowSurrogate(c)) {
                return false;
            }
            if (Character.isHighSurrogate(c)) {
                i++;
                if (i == text.length() || !Character.isLowSurrogate(text.charAt(i))) {
                    return false;
                }
            }
        }
        return true;
    }

    /** JSON has one kind of number: 39.0 and 3.9e1 are the same whole number as 39. */
    private static final class WholeNumberReader extends JsonDeserializer<Integer> {
        private static final BigDecimal LEAST = BigDecimal.valueOf(Integer.MIN_VALUE);
        private static final BigDecimal MOST = BigDecimal.valueOf(Integer.MAX_VALUE);

        @Override
        public @Nullable Integer deserialize(JsonParser parser, DeserializationContext context)
                throws IOException {
            if (!parser.currentToken().isNumeric()) {
                return (Integer) context.handleUnexpectedToken(Integer.class, parser);
            }
            BigDecimal number = parser.getDecimalValue().stripTrailingZeros();
            if (number.scale() > 0 || number.compareTo(LEAST) < 0 || number.compareTo(MOST) > 0) {
                return context.reportInputMismatch(this, "a whole number of 32 bits is expected");
            }
            return number.intValueExact();
        }
    }

    private static final class TextReader extends JsonDeserializer<String> {
        @Override
        public @Nullable String deserialize(JsonParser parser, DeserializationContext context)
                throws IOException {
            if (!parser.hasToken(JsonToken.VALUE_STRING)) {
                return (String) context.handleUnexpectedToken(String.class, parser);
            }
            String text = parser.getText();
            if (!isStorable(text)) {
                return context.reportInputMismatch(
                        this, "text without NUL and without halves of characters is expected");
            }
            return text;
        }
    }
}
