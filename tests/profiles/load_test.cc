// Finding profiles, and the sets they extend.
#include <doctest/doctest.h>

#include "profiles/profile.h"
#include "tests/profiles/folder.h"

namespace dmigate::profiles {
namespace {

using test::Folder;

std::string error(const Result<Profile>& profile) {
  if (profile) return "accepted";
  CHECK(profile.error().kind == ErrorKind::kConfiguration);
  return profile.error().to_string();
}

std::string base_set(const std::string& name, const std::string& extends = "",
                     const std::string& family = "A") {
  return "profile: " + name + "\nextends: [" + extends + "]\nfields: { system-family: { equals: " + family +
         " } }\n";
}

}  // namespace

TEST_CASE("a path is a file, and a name is looked up in the folders, then among what ships") {
  const Folder folder;
  folder.write("m.yaml", "profile: m\nversion: 3\nfields: { system-uuid: }\n");
  CHECK(load_profile("m", folder.catalog())->version == 3);
  CHECK(load_profile(folder.file("m.yaml"), {})->file == folder.file("m.yaml"));
  CHECK(error(load_profile("m", {})) ==
        "there is no profile or base set `m`; give the path of its file, or the folder that it is in "
        "with --profiles");
  CHECK(error(load_profile("no.yaml", folder.catalog())).starts_with("no.yaml: cannot be read: "));
  CHECK(error(load_profile("cmeg", folder.catalog())).find("did you mean `cmge`?") != std::string::npos);
  CHECK(load_profile("windows-oem", folder.catalog())->fields.size() == 8);
}

TEST_CASE("a folder's file comes before the one that ships, and before that of a later folder") {
  const Folder first;
  const Folder second;
  first.write("cmge.yaml", "profile: cmge\nversion: 7\nfields: { system-uuid: }\n");
  second.write("cmge.yaml", "profile: cmge\nversion: 8\nfields: { system-uuid: }\n");
  CHECK(load_profile("cmge", {{first.file(""), second.file("")}})->version == 7);
  CHECK(load_profile("cmge", {{second.file(""), first.file("")}})->version == 8);
  CHECK(load_profile("cmge", {})->file.starts_with("catalog/"));
}

TEST_CASE("what a file extends may lie beside it; a folder of the station comes before") {
  const Folder folder;
  const Folder station;
  folder.write("base.yaml", base_set("base", "", "Beside"));
  folder.write("m.yaml", "profile: m\nversion: 1\nextends: [base]\n");
  const auto family = [](const Result<Profile>& profile) {
    REQUIRE_MESSAGE(profile, (profile ? "" : profile.error().to_string()));
    return profile->fields.front().checks.front().values.front();
  };
  CHECK(family(load_profile(folder.file("m.yaml"), {})) == "Beside");
  station.write("base.yaml", base_set("base", "", "Station"));
  CHECK(family(load_profile(folder.file("m.yaml"), station.catalog())) == "Station");
}

TEST_CASE("a file that is looked up by name holds the profile of that name") {
  const Folder folder;
  folder.write("a.yaml", "profile: b\nversion: 1\nfields: { system-uuid: }\n");
  CHECK(error(load_profile("a", folder.catalog())) ==
        folder.file("a.yaml") + ":1:1: the file is named after `a`, and holds the profile `b`");
  CHECK(load_profile(folder.file("a.yaml"), {})->name == "b");  // a path says what is meant
}

TEST_CASE("a name leads to no file outside the folders") {
  const Folder folder;
  folder.write("x.yaml", base_set("x"));
  folder.write("sub/y.yaml", base_set("y"));
  const Catalog below{{folder.file("sub")}};
  for (const std::string name : {"..\\x", "", ".", "..", "X", "x y"}) {
    CAPTURE(name);
    CHECK(error(load_profile(name, below)).starts_with("there is no profile or base set"));
  }
}

TEST_CASE("sets are applied in order, each once however often it is extended") {
  const Folder folder;
  const std::string root = base_set("root", "", "R");
  const std::string left = base_set("left", "root", "L");
  const std::string right = "profile: right\nextends: [root]\nfields: { system-uuid: }\n";
  const std::string own = "profile: m\nversion: 1\nextends: [left, right]\nfields: { system-sku-number: }\n";
  folder.write("root.yaml", root);
  folder.write("left.yaml", left);
  folder.write("right.yaml", right);
  const auto profile = parse_profile(own, "p.yaml", folder.catalog());
  REQUIRE(profile);
  // `right` extends root as well, and does not bring root's A back over left's.
  CHECK(profile->fields[0].checks[0].values.front() == "L");
  CHECK(profile->fields.size() == 3);
  std::string hashes;
  for (const std::string& text : {root, left, right, own}) {
    for (const std::uint8_t byte : sha256(text)) hashes.push_back(static_cast<char>(byte));
  }
  CHECK(profile->sha256 == sha256(hashes));
}

TEST_CASE("a set that is there and cannot be read is not taken from what ships, nor passed over") {
  const Folder folder;
  folder.write("m.yaml", "profile: m\nversion: 1\nextends: [cmge]\n");
  std::filesystem::create_symlink("nowhere.yaml", folder.file("cmge.yaml"));
  CHECK_FALSE(load_profile("m", folder.catalog()));
  std::filesystem::remove(folder.file("cmge.yaml"));
  CHECK(load_profile("m", folder.catalog()));
  std::filesystem::create_symlink("nowhere.yaml", folder.file("n.yaml"));
  CHECK_FALSE(load_candidates(folder.catalog()));
}

TEST_CASE("the scope of a unique field is not what a burn writes") {
  CHECK(error(parse_profile("profile: m\nversion: 1\n"
                            "fields:\n"
                            "  baseboard-manufacturer:\n"
                            "  baseboard-serial-number: { unique: { within: baseboard-manufacturer } }\n"
                            "burn: { tool: x, fields: [baseboard-manufacturer] }\n"
                            "stages: { pre-burn: { except: burn-fields }, post-burn: { after: pre-burn } }\n",
                            "p.yaml", {}))
            .starts_with("p.yaml:5:"));
}

TEST_CASE("the hash changes with any set below") {
  const Folder folder;
  const std::string own = "profile: m\nversion: 1\nextends: [base]\n";
  folder.write("base.yaml", base_set("base"));
  const auto before = parse_profile(own, "p.yaml", folder.catalog());
  folder.write("base.yaml", base_set("base") + "# a word\n");
  const auto after = parse_profile(own, "p.yaml", folder.catalog());
  CHECK(before->sha256 != after->sha256);
  CHECK(before->sha256 == parse_profile(own, "q.yaml",
                                        [&] {
                                          folder.write("base.yaml", base_set("base"));
                                          return folder.catalog();
                                        }())
                              ->sha256);
}

TEST_CASE("sets that extend each other are refused, with the way around") {
  const Folder folder;
  folder.write("a.yaml", base_set("a", "b"));
  folder.write("b.yaml", base_set("b", "c"));
  folder.write("c.yaml", base_set("c", "a"));
  const std::string own = "profile: m\nversion: 1\nextends: [a]\n";
  CHECK(error(parse_profile(own, "p.yaml", folder.catalog())) ==
        folder.file("c.yaml") + ":2:11: `a` extends itself: a -> b -> c -> a");
}

TEST_CASE("a set that is missing or does not hold is told at its place, with the others") {
  const Folder folder;
  folder.write("a.yaml", "profile: a\nfields: { system-famly: }\nextends: [nowhere]\n");
  folder.write("b.yaml", "profile: b\nfields: [\n");
  CHECK(error(parse_profile("profile: m\nversion: 1\nextends: [a, b, cgme]\n", "p.yaml", folder.catalog())) ==
        folder.file("a.yaml") + ":2:11: unknown field `system-famly`; did you mean `system-family`?\n" +
            folder.file("a.yaml") + ":3:11: there is no profile or base set `nowhere`\n" +
            folder.file("b.yaml") +
            ":2:1: not YAML: did not find expected node content while parsing a flow node\n" +  //
            "p.yaml:3:17: there is no profile or base set `cgme`; did you mean `cmge`?");
}

TEST_CASE("problems between a set and a profile are told where they were written") {
  const Folder folder;
  folder.write("line.yaml",
               "profile: line\nfields: { system-uuid: }\nstages:\n  ship: { except: [system-family] }\n");
  CHECK(error(parse_profile("profile: m\nversion: 1\nextends: [line]\n", "p.yaml", folder.catalog())) ==
        folder.file("line.yaml") +
            ":4:20: stage `ship` names `system-family`, for which there is no rule; name it under `fields`");
}

TEST_CASE("a file that is there and cannot be read is not passed over") {
  const Folder folder;
  folder.write("cmge.yaml/inside", "");  // a folder of that name
  CHECK(error(load_profile("cmge", folder.catalog())).find("Is a directory") != std::string::npos);
}

TEST_CASE("candidates are the profiles with a match or a label pattern, not the sets below them") {
  const Folder folder;
  folder.write("base.yaml", base_set("base"));
  folder.write("a.yaml", "profile: a\nversion: 1\nextends: [base]\nmatch: { system-family: A }\n");
  folder.write("b.yml", "profile: b\nversion: 1\nlabel: { pattern: 'B' }\nfields: { system-uuid: }\n");
  folder.write("c.yaml", "profile: c\nversion: 1\nfields: { system-uuid: }\n");
  folder.write("notes.txt", "not a profile");
  folder.write("tools/t.yaml", "not a profile");
  const auto candidates = load_candidates(folder.catalog());
  REQUIRE_MESSAGE(candidates, candidates.error().to_string());
  REQUIRE(candidates->size() == 2);
  CHECK((*candidates)[0].name == "a");
  CHECK((*candidates)[1].name == "b");
  CHECK((*candidates)[0].placeholders != nullptr);
  CHECK((*candidates)[0].placeholders == (*candidates)[1].placeholders);
}

TEST_CASE("a file that does not hold among the candidates might have been the one") {
  const Folder folder;
  const auto candidates_error = [&] {
    const auto candidates = load_candidates(folder.catalog());
    return candidates ? std::string("accepted") : candidates.error().to_string();
  };
  folder.write("base.yaml", "profile: base\nfields: { system-famly: }\n");
  folder.write("a.yaml", "profile: a\nversion: 1\nextends: [base]\nmatch: { system-family: A }\n");
  folder.write("b.yaml", "profile: b\nmatch: { system-uuid: 1 }\nfields: { system-uuid: }\n");
  CHECK(candidates_error() ==
        folder.file("b.yaml") + ":1:1: `version` is missing; raise it with every change\n" +
            folder.file("b.yaml") + ":2:23: `1` is no UUID; write 00112233-4455-6677-8899-aabbccddeeff\n" +
            folder.file("base.yaml") + ":2:11: unknown field `system-famly`; did you mean `system-family`?");
  folder.write("base.yaml", base_set("base"));
  folder.write("b.yaml", "");
  CHECK(candidates_error() ==
        folder.file("b.yaml") + ":1:1: a mapping (`key: value` lines) is expected here");
}

TEST_CASE("two files with one profile are refused") {
  const Folder folder;
  const std::string text =
      "profile: a\nversion: 1\nmatch: { system-family: A }\nfields: { system-family: }\n";
  folder.write("a.yaml", text);
  folder.write("a.yml", text);
  const auto candidates = load_candidates(folder.catalog());
  REQUIRE_FALSE(candidates);
  CHECK(candidates.error().to_string() ==
        folder.file("a.yml") + ":1:1: the profile `a` is in " + folder.file("a.yaml") + " as well");
}

TEST_CASE("a folder of profiles that is not there is an error") {
  const Folder folder;
  const auto candidates = load_candidates({{folder.file("none")}});
  REQUIRE_FALSE(candidates);
  CHECK(
      candidates.error().to_string() ==
      folder.file("none") +
          ": the profiles cannot be listed: No such file or directory; check the folder and who may read it");
  CHECK(load_candidates({})->empty());
}

}  // namespace dmigate::profiles
