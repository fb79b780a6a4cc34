# Wingman. `make help` lists what there is.

SHELL := /bin/bash
.DEFAULT_GOAL := help

# A JDK 25: JAVA_HOME when it is one, else the usual places. `java` on the PATH may be older.
JDK := $(shell for home in "$$JAVA_HOME" /usr/lib/jvm/*25* /usr/lib/jvm/default-java "$$HOME"/.sdkman/candidates/java/25* \
         "$$HOME"/.jdks/*25* /opt/*jdk*25* /opt/java/openjdk /Library/Java/JavaVirtualMachines/*25*/Contents/Home; do \
         if grep -qs '^JAVA_VERSION="25' "$$home/release" && [ -x "$$home/bin/javac" ]; then echo "$$home"; break; fi; done)
MVN = JAVA_HOME="$(JDK)" ./mvnw --batch-mode --no-transfer-progress
JAVA = "$(JDK)/bin/java"
RUN_JAR = target/wingman-runner.jar
BINARY = target/wingman-runner
EXECUTABLE = $(RUN_JAR)
AOT_CACHE = target/image-jvm/wingman.aot
IMAGE_JAR = target/image-jvm/app/wingman-runner.jar
# What the server and its libraries ask for.
MODULES = java.base,java.desktop,java.logging,java.management,java.naming,java.rmi,java.security.jgss,java.sql,jdk.management,jdk.net,jdk.unsupported,jdk.zipfs
# The tag of the images is the one that k8s/ asks for.
VERSION := $(shell sed -n 's|^  <version>\(.*\)</version>$$|\1|p' pom.xml)
CONTAINERS = $(firstword $(shell command -v docker) $(shell command -v podman))
# What the bench starts: with AOT=1 the jar of the image, on its Java runtime and with its AOT cache.
SERVER_JDK = $(JDK)
ifdef AOT
EXECUTABLE = $(IMAGE_JAR)
SERVER_JDK = $(dir $(AOT_CACHE))jdk
JVM_FLAGS += -XX:AOTCache=$(AOT_CACHE)
endif
BENCH = -XX:+UseSerialGC -Xmx512m -Dmsgpack.universal-buffer=true -cp "target/test-classes:target/classes:$$(cat target/bench.classpath)"
# For the build of the binary; "-Dquarkus.native.additional-build-args=-Ob" builds in half the time what runs slower.
NATIVE_FLAGS =

.PHONY: help run dev test fuzz fuzz-rest format bench bench-classes bench-soak jmh mutants native test-native conformance image image-jvm clean jdk graalvm containers

help: ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

run: $(RUN_JAR) ## Build and start an open server on 127.0.0.1:8080, data in ./data
	@exec $(JAVA) -Dquarkus.profile=local -jar $(RUN_JAR)

dev: jdk ## Start with live reload
	$(MVN) quarkus:dev -Dquick -Dquarkus.profile=local -Dquarkus.analytics.disabled=true -Djvm.args=--enable-native-access=ALL-UNNAMED

test: jdk ## Check and test everything
	$(MVN) verify

fuzz: jdk ## A million mutated frames to the decoder, 50,000 to a server (SEED=n replays one)
	$(MVN) verify -Dtest=CodecFuzzTest -Dit.test=SocketFuzzIT -Dsurefire.failIfNoSpecifiedTests=false -Dfuzz.inputs=1000000 $(if $(SEED),-Dseed=$(SEED))

fuzz-rest: $(RUN_JAR) ## 20,000 requests drawn from the OpenAPI document (INPUTS=n, SEED=n), then Schemathesis (Python)
	$(MVN) verify -Dtest=NONE -Dit.test=SqliteStoryIT -Dsurefire.failIfNoSpecifiedTests=false -Dfuzz.inputs=$(or $(INPUTS),20000) $(if $(SEED),-Dseed=$(SEED))
	@src/test/sh/schemathesis $(JAVA) $(RUN_JAR)

format: jdk ## Format the sources
	$(MVN) -q spotless:apply

bench: $(EXECUTABLE) bench-classes ## Measure: memory, connects, writes, fan-out, requests, REST, the recorder (ONLY="idle writes" for some, EXECUTABLE=target/wingman-runner for the binary, AOT=1 for the jar with its cache)
	@$(JAVA) -Dserver.jdk=$(SERVER_JDK) $(BENCH) dev.wingman.bench.Bench $(EXECUTABLE) "$(JVM_FLAGS)" "$(ONLY)"

bench-soak: $(EXECUTABLE) bench-classes ## Mixed work for 20 minutes (MINUTES=n): do memory, threads and open files stay flat?
	@$(JAVA) $(BENCH) dev.wingman.bench.Soak $(EXECUTABLE) "$(JVM_FLAGS)" $(or $(MINUTES),20)

jmh: jdk ## Measure single functions (JMH; ONLY="Planner" for some)
	$(MVN) -q -Pjmh -Dquick -DskipTests test-compile dependency:build-classpath -Dmdep.outputFile=target/jmh.classpath -Dmdep.includeScope=test
	@$(JAVA) -Dmsgpack.universal-buffer=true -cp "target/test-classes:target/classes:$$(cat target/jmh.classpath)" org.openjdk.jmh.Main $(ONLY)

mutants: jdk ## Change the pure code of the cluster and see whether the tests notice (PIT; ONLY="dev.wingman.cluster.membership.*" for some)
	$(MVN) -q -Pmutants -Dquick $(if $(ONLY),-Dmutants="$(ONLY)") test-compile pitest:mutationCoverage
	@grep -E 'SURVIVED|NO_COVERAGE' target/pit-reports/mutations.csv || echo "no mutant lives"

bench-classes: jdk
	$(MVN) -q -Pbench -DskipTests test-compile dependency:build-classpath -Dmdep.outputFile=target/bench.classpath -Dmdep.includeScope=test

native: $(BINARY) ## Build the native binary with the GraalVM or Mandrel 25 in GRAALVM_HOME

test-native: $(BINARY) ## Run every process test against the native binary
	$(MVN) test-compile failsafe:integration-test failsafe:verify -Dwingman.package="$(CURDIR)/$(BINARY)"

conformance: jdk ## Run Autobahn (RFC 6455) and h2spec (RFC 7540) against the server
	$(MVN) verify -Pconformance -Dtest=NONE -Dsurefire.failIfNoSpecifiedTests=false -Dit.test='*Conformance'

image: containers $(BINARY) ## Build the container image of the native binary
	$(CONTAINERS) build -f Containerfile.native -t wingman:$(VERSION) -t wingman .

image-jvm: containers $(AOT_CACHE) ## Build the container image with a Java runtime and an AOT cache trained under load
	$(CONTAINERS) build -f Containerfile.jvm -t wingman:$(VERSION)-jvm -t wingman:jvm .

$(AOT_CACHE): $(RUN_JAR) | bench-classes
	@rm -rf $(dir $@) && mkdir -p $(dir $@)app
	cp -p $(RUN_JAR) target/librocksdbjnijni-*.so target/libsqlitejdbc.so $(dir $@)app
	$(JDK)/bin/jlink --add-modules $(MODULES) --strip-debug --no-header-files --no-man-pages --generate-cds-archive --output $(dir $@)jdk
	$(dir $@)jdk/bin/java $(BENCH) dev.wingman.bench.Training $(IMAGE_JAR) $@

$(IMAGE_JAR): $(AOT_CACHE)

clean: jdk ## Remove what was built
	$(MVN) -q clean

$(RUN_JAR): pom.xml $(shell find src/main -type f 2>/dev/null) | jdk
	$(MVN) -q package -DskipTests
	@touch $(RUN_JAR)

$(BINARY): pom.xml $(shell find src/main -type f 2>/dev/null) | jdk graalvm
	$(MVN) package -Dnative -DskipTests $(NATIVE_FLAGS)
	@touch $(BINARY)

jdk:
	@[ -n "$(JDK)" ] || { echo "Wingman needs a JDK 25 and found none: install one (for example Eclipse Temurin 25) and set JAVA_HOME to its folder."; exit 1; }

containers:
	@[ -n "$(CONTAINERS)" ] || { echo "This needs Docker or Podman and found neither: install one of them."; exit 1; }

graalvm:
	@grep -qs '^JAVA_VERSION="25' "$$GRAALVM_HOME/release" && [ -x "$$GRAALVM_HOME/bin/native-image" ] || { \
		echo "This needs a GraalVM or Mandrel for JDK 25: install one and set GRAALVM_HOME to its folder."; exit 1; }
