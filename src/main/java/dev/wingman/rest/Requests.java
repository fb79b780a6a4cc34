package dev.wingman.rest;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import dev.wingman.security.policy.Policy;
import jakarta.validation.constraints.Email;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Null;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.hibernate.validator.constraints.CodePointLength;
import org.jspecify.annotations.Nullable;

/**
 * The bodies of requests, with what they must be like. Lengths of text are counted in characters,
 * as JSON Schema does, and not in the halves that some of them have in Java.
 */
final class Requests {
    /** One line of text. */
    private static final String TAG = "^[^\\u0000-\\u001F\\u007F-\\u009F]{1,50}$";

    private static final String TAG_RULE =
            "must have 1 to 50 characters, none of them a control character";

    /** Also the last segment of a path. */
    private static final String PATTERN_RULE =
            "segments between dots, of which a * stands for one, and alone for every map";

    private static final String NO_CONDITIONS =
            "policies are about whole maps here and have no conditions: leave it out";

    private Requests() {}

    @Schema(
            name = "Registration",
            examples =
                    """
                    {"email":"grace@example.org","password":"correct horse battery","name":"Grace"}
                    """)
    record Registration(
            @NotNull
                    @Email
                    @CodePointLength(min = 3, max = 254)
                    @Schema(minLength = 3, maxLength = 254)
                    String email,
            @NotNull
                    @CodePointLength(min = 12, max = 1024)
                    @Schema(minLength = 12, maxLength = 1024)
                    String password,
            @CodePointLength(max = 200) @Schema(maxLength = 200) @Nullable String name) {
        /** Without the password. */
        @Override
        public String toString() {
            return "Registration[]";
        }
    }

    @Schema(
            name = "Credentials",
            examples =
                    """
                    {"email":"grace@example.org","password":"correct horse battery"}
                    """)
    record Credentials(
            @NotNull @CodePointLength(max = 254) @Schema(maxLength = 254) String email,
            @NotNull @CodePointLength(max = 1024) @Schema(maxLength = 1024) String password) {
        /** Without the password. */
        @Override
        public String toString() {
            return "Credentials[]";
        }
    }

    @Schema(
            name = "RefreshToken",
            examples =
                    """
                    {"refresh_token":"8Zl0x5nW1n0mVvY2rj0bq0kq1m3mJxG1sXr5m3p0f0A"}
                    """)
    record Refresh(
            @NotNull @CodePointLength(max = 200) @Schema(maxLength = 200) String refreshToken) {
        /** Without the token. */
        @Override
        public String toString() {
            return "Refresh[]";
        }
    }

    @Schema(
            name = "WireTokenRequest",
            examples =
                    """
                    {"token":"eyJhbGciOiJFUzI1NiJ9.e30.c2lnbmF0dXJl","provider":"id.example.org"}
                    """)
    record Exchange(
            @NotNull
                    @CodePointLength(max = 16_384)
                    @Schema(maxLength = 16_384, description = "of the other issuer")
                    String token,
            @CodePointLength(max = 1000)
                    @Schema(maxLength = 1000, description = "the issuer's name, as in iss")
                    @Nullable String provider) {
        /** Without the token. */
        @Override
        public String toString() {
            return "Exchange[]";
        }
    }

    @Schema(
            name = "WireRefreshRequest",
            examples =
                    """
                    {"refreshToken":"8Zl0x5nW1n0mVvY2rj0bq0kq1m3mJxG1sXr5m3p0f0A"}
                    """)
    record WireRefresh(
            @NotNull
                    @CodePointLength(max = 200)
                    @Schema(maxLength = 200)
                    @JsonProperty("refreshToken")
                    String refreshToken) {
        /** Without the token. */
        @Override
        public String toString() {
            return "WireRefresh[]";
        }
    }

    @Schema(
            name = "PasswordChange",
            examples =
                    """
                    {"current_password":"correct horse battery","new_password":"staple correct horse"}
                    """)
    record PasswordChange(
            @NotNull @CodePointLength(max = 1024) @Schema(maxLength = 1024) String currentPassword,
            @NotNull
                    @CodePointLength(min = 12, max = 1024)
                    @Schema(minLength = 12, maxLength = 1024)
                    String newPassword) {
        /** Without the passwords. */
        @Override
        public String toString() {
            return "PasswordChange[]";
        }
    }

    @Schema(
            name = "UserChange",
            examples =
                    """
                    {"roles":["viewer"]}
                    """)
    record UserChange(
            @Size(min = 1, max = 3)
                    @Nullable Set<@NotNull @Pattern(regexp = "^(admin|user|viewer)$") String> roles,
            @Nullable Boolean disabled) {}

    @Schema(
            name = "SettingsChange",
            examples =
                    """
                    {"registration":true}
                    """)
    record SettingsChange(
            @Nullable Boolean registration,
            @Min(1) @Max(1_000_000_000) @Nullable Integer rateLimit,
            @Min(1) @Max(1_000_000_000) @Nullable Integer authRateLimit) {}

    @Schema(
            name = "PolicyContent",
            examples =
                    """
                    {"id":"drafts-are-private","map_pattern":"drafts.*","action":"read","effect":"deny"}
                    """)
    record PolicyContent(
            @Pattern(regexp = Policy.ID) @Schema(description = "made up when it is left out")
                    @Nullable String id,
            @NotNull
                    @CodePointLength(min = 1, max = 256)
                    @Schema(minLength = 1, maxLength = 256, description = PATTERN_RULE)
                    String mapPattern,
            @NotNull @Pattern(regexp = "^(read|write|remove|all)$") String action,
            @NotNull @Pattern(regexp = "^(allow|deny)$") String effect) {}

    /** The names of the wire protocol. */
    @Schema(
            name = "WirePolicyContent",
            examples =
                    """
                    {"id":"notes-for-all","mapPattern":"notes.*","action":"all","effect":"allow"}
                    """)
    record WirePolicyContent(
            @Pattern(regexp = Policy.ID) @Schema(description = "made up when it is left out")
                    @Nullable String id,
            @NotNull
                    @CodePointLength(min = 1, max = 256)
                    @JsonProperty("mapPattern")
                    @Schema(minLength = 1, maxLength = 256, description = PATTERN_RULE)
                    String mapPattern,
            @NotNull @Pattern(regexp = "^(read|write|remove|all)$") String action,
            @NotNull @Pattern(regexp = "^(allow|deny)$") String effect,
            @Null(message = NO_CONDITIONS) @JsonProperty("conditionExpr")
                    @Nullable Object conditionExpr,
            @Null(message = NO_CONDITIONS) @Nullable Object condition) {}

    @Schema(
            name = "MissionContent",
            examples =
                    """
                    {"title":"To the moon","description":"And back.","tags":["space"],"metadata":{"crew":3}}
                    """)
    record MissionContent(
            @NotBlank @CodePointLength(max = 200) @Schema(maxLength = 200) String title,
            @CodePointLength(max = 2000) @Schema(maxLength = 2000) @Nullable String description,
            @Size(max = 20)
                    @Nullable List<@NotNull @Pattern(regexp = TAG, message = TAG_RULE) String> tags,
            @Schema(type = SchemaType.OBJECT, description = "any JSON, up to 64 KiB")
                    @Nullable JsonNode metadata) {}

    @Schema(
            name = "Duplication",
            examples =
                    """
                    {"title":"To Mars","include_specs":true}
                    """)
    record Duplication(
            @Pattern(regexp = "[\\s\\S]*\\S[\\s\\S]*", message = "must not be blank")
                    @CodePointLength(max = 200)
                    @Schema(maxLength = 200)
                    @Nullable String title,
            @Schema(description = "true unless it says false") @Nullable Boolean includeSpecs) {}

    @Schema(
            name = "LogEntryContent",
            examples =
                    """
                    {"level":"info","message":"The tanks are full.","metadata":{"litres":2500000}}
                    """)
    record LogContent(
            @NotNull @Pattern(regexp = "^(debug|info|warn|error)$") String level,
            @NotBlank @CodePointLength(max = 10_000) @Schema(maxLength = 10_000) String message,
            @Schema(type = SchemaType.OBJECT, description = "any JSON, up to 64 KiB")
                    @Nullable JsonNode metadata) {}

    @Schema(
            name = "SpecContent",
            examples =
                    """
                    {"number":101,"title":"Build a rocket","description":"With *three* stages.","acceptance_criteria":"It flies.","dependencies":[],"estimated_context":40,"tags":["hardware"]}
                    """)
    record SpecContent(
            @NotNull @Min(1) @Max(9999) Integer number,
            @NotBlank @CodePointLength(max = 200) @Schema(maxLength = 200) String title,
            @CodePointLength(max = 20_000) @Schema(maxLength = 20_000) @Nullable String description,
            @CodePointLength(max = 20_000) @Schema(maxLength = 20_000)
                    @Nullable String acceptanceCriteria,
            @CodePointLength(max = 20_000) @Schema(maxLength = 20_000)
                    @Nullable String implementationDetails,
            @CodePointLength(max = 20_000) @Schema(maxLength = 20_000)
                    @Nullable String testingRequirements,
            @Size(max = 100) @Nullable Set<@NotNull UUID> dependencies,
            @Min(0) @Max(100) @Nullable Integer estimatedContext,
            @Size(max = 20)
                    @Nullable List<@NotNull @Pattern(regexp = TAG, message = TAG_RULE) String>
                            tags) {}

    @Schema(
            name = "SpecStatusChange",
            examples =
                    """
                    {"status":"in_progress","notes":"Grace begins."}
                    """)
    record StatusChange(
            @NotNull
                    @Pattern(
                            regexp =
                                    "^(planned|in_progress|in_review|testing|blocked|deferred|completed)$")
                    String status,
            @CodePointLength(max = 2000) @Schema(maxLength = 2000) @Nullable String notes) {}
}
