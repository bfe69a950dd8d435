"""A smoke test through PyMongo: python smoke.py URI"""
import sys
import time

import pymongo
from pymongo.errors import DuplicateKeyError

client = pymongo.MongoClient(sys.argv[1], w="majority")
people = client["smoke_python"]["people"]
people.delete_many({})
result = people.insert_many(
    [{"_id": n, "name": f"person {n}", "tags": ["a", f"t{n}"], "at": {"x": n}} for n in (3, 1, 2)]
)
assert len(result.inserted_ids) == 3
people.create_index([("at.x", pymongo.ASCENDING)])
assert [d["_id"] for d in people.find({"at.x": {"$gt": 1}}).sort("at.x", -1).limit(5)] == [3, 2]
updated = people.update_many({"tags": "t2"}, {"$inc": {"at.x": 10}, "$push": {"tags": "b"}})
assert updated.modified_count == 1
groups = list(
    people.aggregate(
        [
            {"$unwind": "$tags"},
            {"$group": {"_id": "$tags", "n": {"$sum": 1}}},
            {"$sort": {"n": -1, "_id": 1}},
        ]
    )
)
assert groups[0] == {"_id": "a", "n": 3}, groups
try:
    people.insert_one({"_id": 1})
    raise AssertionError("a second _id was taken")
except DuplicateKeyError:
    pass
changed = people.find_one_and_update(
    {"_id": 1}, {"$set": {"name": "first"}}, return_document=pymongo.ReturnDocument.AFTER
)
assert changed["name"] == "first"
people.delete_one({"_id": 1})
assert people.count_documents({}) == 2
secondaries = client.get_database(
    "smoke_python", read_preference=pymongo.ReadPreference.SECONDARY
)["people"]
assert len(list(secondaries.find())) <= 3
deadline = time.monotonic() + 5
while len(client.nodes) < 3 and time.monotonic() < deadline:
    time.sleep(0.02)
assert len(client.nodes) == 3, client.nodes
client.close()
print(f"pymongo {pymongo.version}: ok")
