// A smoke test through the Go driver: go run . URI
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"
	"go.mongodb.org/mongo-driver/mongo/readpref"
	"go.mongodb.org/mongo-driver/mongo/writeconcern"
	"go.mongodb.org/mongo-driver/version"
)

func check(claim string, holds bool, err error) {
	if err != nil {
		panic(fmt.Errorf("%s: %w", claim, err))
	}
	if !holds {
		panic(errors.New("not so: " + claim))
	}
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	client, err := mongo.Connect(ctx, options.Client().ApplyURI(os.Args[1]).SetWriteConcern(writeconcern.Majority()))
	check("connects", true, err)
	defer client.Disconnect(ctx)
	people := client.Database("smoke_go").Collection("people")
	_, err = people.DeleteMany(ctx, bson.D{})
	check("deletes", true, err)
	documents := []any{}
	for _, n := range []int{3, 1, 2} {
		documents = append(documents, bson.D{
			{Key: "_id", Value: n},
			{Key: "tags", Value: bson.A{"a", fmt.Sprintf("t%d", n)}},
			{Key: "at", Value: bson.D{{Key: "x", Value: n}}},
		})
	}
	inserted, err := people.InsertMany(ctx, documents)
	check("three documents are inserted", err == nil && len(inserted.InsertedIDs) == 3, err)
	_, err = people.Indexes().CreateOne(ctx, mongo.IndexModel{Keys: bson.D{{Key: "at.x", Value: 1}}})
	check("an index is made", true, err)
	cursor, err := people.Find(ctx, bson.D{{Key: "at.x", Value: bson.D{{Key: "$gt", Value: 1}}}},
		options.Find().SetSort(bson.D{{Key: "at.x", Value: -1}}))
	check("finds", true, err)
	var found []struct {
		ID int `bson:"_id"`
	}
	err = cursor.All(ctx, &found)
	check("a range is found in order", err == nil && len(found) == 2 && found[0].ID == 3, err)
	updated, err := people.UpdateMany(ctx, bson.D{{Key: "tags", Value: "t2"}},
		bson.D{{Key: "$inc", Value: bson.D{{Key: "at.x", Value: 10}}}})
	check("one document is modified", err == nil && updated.ModifiedCount == 1, err)
	_, err = people.InsertOne(ctx, bson.D{{Key: "_id", Value: 1}})
	check("a second _id is refused", mongo.IsDuplicateKeyError(err), nil)
	count, err := people.CountDocuments(ctx, bson.D{})
	check("three are counted", err == nil && count == 3, err)
	check("a secondary answers", true, client.Ping(ctx, readpref.Secondary()))
	fmt.Printf("go driver %s: ok\n", version.Driver)
}
